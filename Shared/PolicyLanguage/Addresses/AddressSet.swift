public import IPAddresses

/// A set of addresses of both families as sorted ranges that neither overlap nor touch.
public struct AddressSet: Hashable, Sendable {
    public private(set) var ranges: [AddressRange] = []

    public init() {}

    public init(_ ranges: some Sequence<AddressRange>) {
        for range in ranges.sorted() { append(range) }
    }

    public init(_ prefixes: some Sequence<IPPrefix>) {
        self.init(prefixes.map(AddressRange.init))
    }

    public var isEmpty: Bool { ranges.isEmpty }

    /// Adds a range that does not sort before those already there.
    private mutating func append(_ range: AddressRange) {
        guard let tail = ranges.last, tail.isIPv6 == range.isIPv6,
            tail.last == .max || range.first <= tail.last + 1
        else {
            ranges.append(range)
            return
        }
        guard range.last > tail.last else { return }
        ranges[ranges.count - 1] = AddressRange(isIPv6: tail.isIPv6, first: tail.first, last: range.last)
    }

    /// Adds a range.
    ///
    /// - Cost: what stands behind it moves.
    mutating func insert(_ range: AddressRange) {
        let lower = ranges.partitioningIndex { other in
            guard other.isIPv6 == range.isIPv6 else { return other.isIPv6 }
            return range.first == 0 || other.last >= range.first - 1
        }
        var upper = lower
        var (first, last) = (range.first, range.last)
        while upper < ranges.count, ranges[upper].isIPv6 == range.isIPv6,
            last == .max || ranges[upper].first <= last + 1
        {
            first = min(first, ranges[upper].first)
            last = max(last, ranges[upper].last)
            upper += 1
        }
        let whole = AddressRange(isIPv6: range.isIPv6, first: first, last: last)
        ranges.replaceSubrange(lower..<upper, with: CollectionOfOne(whole))
    }

    /// Takes a range away.
    ///
    /// - Cost: what stands behind it moves.
    mutating func remove(_ range: AddressRange) {
        let found = overlappingIndices(range)
        guard !found.isEmpty else { return }
        let (first, last) = (ranges[found.lowerBound].first, ranges[found.upperBound - 1].last)
        var rest: [AddressRange] = []
        if first < range.first {
            rest.append(AddressRange(isIPv6: range.isIPv6, first: first, last: range.first - 1))
        }
        if last > range.last {
            rest.append(AddressRange(isIPv6: range.isIPv6, first: range.last + 1, last: last))
        }
        ranges.replaceSubrange(found, with: rest)
    }

    public func union(_ other: AddressSet) -> AddressSet {
        AddressSet(ranges + other.ranges)
    }

    public func subtracting(_ other: AddressSet) -> AddressSet {
        var result: [AddressRange] = []
        for range in ranges {
            var from = range.first
            var isSpent = false
            for hole in other.overlapping(range) {
                if hole.first > from {
                    result.append(AddressRange(isIPv6: range.isIPv6, first: from, last: hole.first - 1))
                }
                isSpent = hole.last >= range.last
                if isSpent { break }
                from = hole.last + 1
            }
            if !isSpent { result.append(AddressRange(isIPv6: range.isIPv6, first: from, last: range.last)) }
        }
        return AddressSet(result)
    }

    /// The ranges that have an address in common with this one, in order.
    public func overlapping(_ range: AddressRange) -> ArraySlice<AddressRange> { ranges[overlappingIndices(range)] }

    private func overlappingIndices(_ range: AddressRange) -> Range<Int> {
        let lower = ranges.partitioningIndex { $0.isIPv6 == range.isIPv6 ? $0.last >= range.first : $0.isIPv6 }
        var upper = lower
        while upper < ranges.count, ranges[upper].overlaps(range) { upper += 1 }
        return lower..<upper
    }

    public func overlaps(_ range: AddressRange) -> Bool {
        !overlapping(range).isEmpty
    }

    public func contains(_ range: AddressRange) -> Bool {
        overlapping(range).first?.contains(range) ?? false
    }

    public func contains(_ other: AddressSet) -> Bool {
        other.ranges.allSatisfy(contains)
    }
}

extension [AddressRange] {
    /// The first index whose element fulfils a condition that holds for all elements after it as well.
    fileprivate func partitioningIndex(where isAfter: (AddressRange) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
