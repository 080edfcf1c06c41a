#if DEBUG
    import DERPProtocol
    import NIOCore
    import Testing

    /// Events that only a fault of our own can bring; they stop a debug build.
    @Suite("DERP server session: misuse")
    struct DERPServerSessionMisuseTests {
        @Test("input before the start")
        func inputBeforeStart() async {
            await #expect(processExitsWith: .failure) {
                let fixture = try HandshakeFixture()
                var session = fixture.serverSession()
                _ = session.received(.frame(try fixture.clientInfo()), at: fixture.start)
            }
        }

        @Test("input while the client waits for admission")
        func inputBeforeAdmission() async {
            await #expect(processExitsWith: .failure) {
                let fixture = try HandshakeFixture()
                var session = try fixture.introduced()
                _ = session.received(.frame(try fixture.clientInfo()), at: fixture.start)
            }
        }

        @Test("an answer to a question that was not asked")
        func admittedTwice() async {
            await #expect(processExitsWith: .failure) {
                let fixture = try HandshakeFixture()
                var session = try fixture.opened()
                _ = session.admitted(nonce: fixture.nonce, at: fixture.start)
            }
        }

        @Test("a second start")
        func startedTwice() async {
            await #expect(processExitsWith: .failure) {
                let fixture = try HandshakeFixture()
                var session = fixture.greeted()
                _ = session.started(at: fixture.start)
            }
        }
    }
#endif
