import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// The pages that people see, in one layout.
///
/// Nothing is loaded from elsewhere and nothing runs: the policy of each page allows its own style and forms to this server.
struct LoginPages: Sendable {
    private let library: MustacheLibrary
    private let securityPolicy: String

    init() {
        // A template that does not parse is found by the tests; here it becomes a page that cannot be shown.
        library = (try? Self.templates()) ?? MustacheLibrary()
        let hash = Data(SHA256.hash(data: Data(PageStyle.text.utf8))).base64EncodedString()
        securityPolicy =
            "default-src 'none'; style-src 'sha256-\(hash)'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    }

    static func templates() throws -> MustacheLibrary {
        var library = MustacheLibrary()
        try library.register(PageTemplates.layout, named: "layout")
        for page in Page.allCases { try library.register(page.template, named: page.rawValue) }
        return library
    }

    /// - Parameter values: texts are shown as they are, whatever is in them: ``PageText`` cleans, the template escapes.
    func response(_ status: HTTPResponse.Status, _ page: Page, _ values: [String: Any] = [:]) -> Response {
        var content = values.mapValues { value in (value as? String).map(PageText.clean) ?? value }
        content["style"] = PageStyle.text
        guard let text = library.render(content, withTemplate: page.rawValue) else {
            return Response(status: .internalServerError)
        }
        return Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: securityPolicy,
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    enum Page: String, CaseIterable {
        case waiting, decided, notice, choice, confirm, check, checked, confirmCheck, apple, windows

        var template: String {
            switch self {
            case .waiting: PageTemplates.waiting
            case .decided: PageTemplates.decided
            case .notice: PageTemplates.notice
            case .choice: PageTemplates.choice
            case .confirm: PageTemplates.confirm
            case .check: PageTemplates.check
            case .checked: PageTemplates.checked
            case .confirmCheck: PageTemplates.confirmCheck
            case .apple: PageTemplates.apple
            case .windows: PageTemplates.windows
            }
        }
    }
}

/// Texts that come from devices and providers.
enum PageText {
    /// Longest text shown, in characters.
    static let limit = 200

    /// Without what could steer the page or deceive its reader: control and direction characters, and marks that join one of the
    /// characters that HTML escapes, which an escaper that looks at whole characters would then not see.
    static func clean(_ text: String) -> String { clean(text, upTo: limit) }

    /// The same for texts that may have another length, in characters.
    static func clean(_ text: String, upTo limit: Int) -> String {
        var scalars = String.UnicodeScalarView()
        var isAfterSpecial = false
        for scalar in text.unicodeScalars.prefix(8 * limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                scalars.append("\u{FFFD}")
                isAfterSpecial = false
            case .nonspacingMark, .spacingMark, .enclosingMark:
                if !isAfterSpecial { scalars.append(scalar) }
            default:
                scalars.append(scalar)
                isAfterSpecial = "<>&\"'`=".unicodeScalars.contains(scalar)
            }
        }
        let clean = String(scalars)
        return clean.count > limit ? clean.prefix(limit) + "…" : clean
    }
}
