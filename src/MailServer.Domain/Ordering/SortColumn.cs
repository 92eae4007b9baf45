namespace MailServer.Domain.Ordering;

/// <summary>The values of one sort criterion: a number or a text for each message, in mailbox order.</summary>
public sealed class SortColumn
{
    private readonly long[]? _numbers;
    private readonly string[] _texts;
    private readonly bool _reverse;

    public SortColumn(long[] numbers, bool reverse) => (_numbers, _texts, _reverse) = (numbers, [], reverse);

    /// <param name="texts">Texts folded to one case; they are compared by code point.</param>
    /// <param name="reverse">Whether the order is descending.</param>
    public SortColumn(string[] texts, bool reverse) => (_texts, _reverse) = (texts, reverse);

    /// <summary>Compares two messages, given by their positions.</summary>
    public int Compare(int left, int right)
    {
        var order = _numbers is null ? Compare(_texts[left], _texts[right]) : _numbers[left].CompareTo(_numbers[right]);
        return _reverse ? -order : order;
    }

    /// <summary>The order of the UTF-8 forms. UTF-16 differs from it only where one of the texts has a surrogate.</summary>
    private static int Compare(string left, string right)
    {
        var at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length) return left.Length.CompareTo(right.Length);
        return Rank(left[at]).CompareTo(Rank(right[at]));
    }

    private static int Rank(char c) => c < 0xD800 ? c : c < 0xE000 ? c + 0x2000 : c - 0x800;
}
