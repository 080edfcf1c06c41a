import Foundation
import TestKit
import Testing

extension BrowserPage {
    /// What keeps people from using the page: with a screen reader, with weak eyes, on a narrow screen; empty is right.
    ///
    /// - Source: WCAG 2.2, level AA: 1.3.1, 1.4.3 (contrast), 1.4.10 (reflow), 2.4.2, 2.4.6, 3.1.1, 4.1.2.
    func audit() async throws -> String {
        try await evaluate(Self.auditScript)
    }

    private static let auditScript = #"""
        (() => {
          const faults = [];
          const root = document.documentElement;
          if (!root.lang) faults.push('no language');
          if (!document.title.trim()) faults.push('no title');
          if (document.querySelectorAll('main').length !== 1) faults.push('not one main part');
          if (!document.querySelector('meta[name=viewport]')) faults.push('no viewport');
          const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]));
          if (levels.filter(level => level === 1).length !== 1) faults.push('not one first heading');
          levels.forEach((level, index) => {
            if (level > (index ? levels[index - 1] : 0) + 1) faults.push('a heading of level ' + level + ' is left out');
          });
          for (const item of document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea')) {
            const name = item.getAttribute('aria-label') || item.textContent || item.labels?.[0]?.textContent || '';
            if (!name.trim()) faults.push('no name: ' + item.outerHTML);
          }
          for (const item of document.querySelectorAll('script,link,iframe,object,embed,img,video,audio'))
            faults.push('loads or runs something: ' + item.outerHTML);
          if (root.scrollWidth > root.clientWidth) faults.push('wider than the screen: ' + root.scrollWidth);
          const parts = text => (text.match(/[\d.]+/g) || []).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, index) => sum + v * [0.2126, 0.7152, 0.0722][index], 0);
          const ground = item => {
            for (let at = item; at; at = at.parentElement) {
              const color = parts(getComputedStyle(at).backgroundColor);
              if (color.length === 3 || color[3] === 1) return color;
            }
            return null;
          };
          for (const item of document.body.querySelectorAll('*')) {
            const own = [...item.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
            if (!own) continue;
            const behind = ground(item);
            if (!behind) { faults.push('no ground behind ' + item.tagName); continue; }
            const [one, other] = [light(parts(getComputedStyle(item).color)), light(behind)];
            const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            if (!(ratio >= 4.5)) faults.push('contrast ' + ratio.toFixed(2) + ': ' + item.outerHTML.slice(0, 80));
          }
          return faults.join('\n');
        })()
        """#

    /// What an image shows, as far as a machine can say.
    struct Picture: Decodable {
        var width: Int
        var height: Int
        /// Different colours, counted to 64.
        var colors: Int
        /// Of the pixel in the corner, 0 to 1.
        var cornerLight: Double
        /// Share of pixels that look like the corner.
        var groundShare: Double
    }

    /// Looks at an image; on a page that may load one, such as an empty one.
    func look(at png: Data) async throws -> Picture {
        let text = try await evaluate(
            """
            (async () => {
              const image = new Image();
              image.src = 'data:image/png;base64,\(png.base64EncodedString())';
              await image.decode();
              const canvas = document.createElement('canvas');
              [canvas.width, canvas.height] = [image.width, image.height];
              const context = canvas.getContext('2d');
              context.drawImage(image, 0, 0);
              const data = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
              const colors = new Set();
              let same = 0;
              for (const value of data) {
                if (value === data[0]) same += 1;
                if (colors.size < 64) colors.add(value);
              }
              const [r, g, b] = [data[0] & 255, data[0] >> 8 & 255, data[0] >> 16 & 255];
              return JSON.stringify({width: image.width, height: image.height, colors: colors.size,
                cornerLight: (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255, groundShare: same / data.length});
            })()
            """
        )
        return try JSONDecoder().decode(Picture.self, from: Data(text.utf8))
    }
}
