import ControlModel
import DNSService
import Testing

@Suite("DNS settings validation")
struct DNSSettingsValidationTests {
    @Test(
        "a name of labels is a domain",
        arguments: ["example.com", "a", "tailnet.internal", "_x.y-z.1", "EXAMPLE.Com"]
    )
    func domain(text: String) {
        #expect(DNSSettingsValidation.isDomain(text))
    }

    @Test(
        "what is no name of labels is no domain",
        arguments: [
            "", ".", "example.com.", ".example.com", "a..b", "-a.com", "a-.com", "a b", "ä.de", "a/b", "a:53", "@",
            "[x]",
            String(repeating: "a", count: 64), Array(repeating: "abc", count: 64).joined(separator: "."),
        ]
    )
    func noDomain(text: String) {
        #expect(!DNSSettingsValidation.isDomain(text))
    }

    @Test(
        "addresses and https URLs are nameservers",
        arguments: ["1.1.1.1", "2606:4700::1111", "https://dns.nextdns.io/abc", "HTTPS://1.1.1.1/dns-query"]
    )
    func nameserver(text: String) {
        #expect(DNSSettingsValidation.isNameserver(text))
    }

    @Test(
        "anything else is no nameserver",
        arguments: [
            "", "1.1.1", "1.1.1.1:53", "http://dns.example", "https://", "dns.example.com", "tls://1.1.1.1", " 1.1.1.1",
        ]
    )
    func noNameserver(text: String) {
        #expect(!DNSSettingsValidation.isNameserver(text))
    }

    @Test("all faults are found at once, in the order of the settings")
    func allFaults() {
        let settings = DNSSettings(
            isMagicDNSEnabled: true,
            baseDomain: "bad domain",
            nameservers: ["1.1.1.1", "x"],
            splitNameservers: ["b.com": ["y"], "-": ["1.1.1.1"]],
            searchDomains: ["ok.com", "no."],
            extraRecords: [
                DNSRecord(name: "a.com", type: "A", value: "100.64.0.1"),
                DNSRecord(name: "a.com", type: "AAAA", value: "100.64.0.1"),
                DNSRecord(name: "a.com", type: "MX", value: "100.64.0.1"),
            ]
        )
        let faults = DNSSettingsValidation.faults(of: settings)
        #expect(faults.map(\.value) == ["bad domain", "x", "-", "y", "no.", "100.64.0.1", "MX"])
        #expect(
            faults.map(\.subject) == [
                .baseDomain, .nameservers, .splitNameservers, .splitNameservers, .searchDomains, .extraRecords,
                .extraRecords,
            ]
        )
    }

    @Test("local DNS cannot be overridden without a nameserver")
    func overrideNeedsNameserver() {
        var settings = DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com", overridesLocalDNS: true)
        #expect(DNSSettingsValidation.faults(of: settings).map(\.subject) == [.overridesLocalDNS])
        settings.nameservers = ["1.1.1.1"]
        #expect(DNSSettingsValidation.faults(of: settings).isEmpty)
    }

    @Test("without MagicDNS no base domain is needed")
    func noBaseDomain() {
        var settings = DNSSettings(isMagicDNSEnabled: false, baseDomain: "")
        #expect(DNSSettingsValidation.faults(of: settings).isEmpty)
        settings.isMagicDNSEnabled = true
        #expect(DNSSettingsValidation.faults(of: settings).map(\.subject) == [.baseDomain])
    }
}
