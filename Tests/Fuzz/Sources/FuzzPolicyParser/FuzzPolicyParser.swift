import PolicyLanguage

/// Takes a document.
///
/// What reads as HuJSON must read as the same value when it is written as JSON; every fault must have words and a place in the
/// document.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 1
    if let value = try? HuJSON.parse(bytes).plain {
        let again = try? HuJSON.parse(Array(value.description.utf8)).plain
        precondition(again == value, "a value does not come back")
    }
    do {
        _ = try PolicyDocument.parse(bytes)
    } catch {
        precondition(!error.faults.isEmpty && error.faults.count <= PolicyErrors.limit)
        for fault in error.faults {
            precondition(!fault.message.isEmpty)
            precondition((1...lines).contains(fault.position.line), "line \(fault.position.line) of \(lines)")
            precondition((1...count + 1).contains(fault.position.column))
        }
    }
    _ = try? PolicyNetwork.parse(bytes)
    return 0
}
