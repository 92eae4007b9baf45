using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Sieve.Matching;

/// <summary>A text as a comparator sees it, from which pieces of the original can be taken.</summary>
internal readonly struct FoldedText
{
    private readonly string _original;

    /// <summary>For each folded character the index of its original one; null if folding moves nothing.</summary>
    private readonly List<int>? _origins;

    public FoldedText(string text, SieveComparator comparator)
    {
        _original = text;
        if (comparator != SieveComparator.UnicodeCasemap || Ascii.IsValid(text))
        {
            Folded = SieveComparators.Fold(text, comparator);
            return;
        }

        var folded = new StringBuilder(text.Length);
        _origins = new List<int>(text.Length);
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
            folded.Append(UnicodeCasemap.Fold(rune.ToString()));
            while (_origins.Count < folded.Length) _origins.Add(at);
            at += length;
        }

        Folded = folded.ToString();
    }

    public string Folded { get; }

    /// <summary>The number of folded characters that stand for the one original character at an index.</summary>
    public int UnitAt(int index)
    {
        if (_origins is null) return char.IsHighSurrogate(Folded[index]) && index + 1 < Folded.Length && char.IsLowSurrogate(Folded[index + 1]) ? 2 : 1;
        var length = 1;
        while (index + length < _origins.Count && _origins[index + length] == _origins[index]) length++;
        return length;
    }

    /// <summary>The original text of a range of folded characters.</summary>
    public string Original(int start, int end) => _origins is null ? _original[start..end] : _original[OriginOf(start)..OriginOf(end)];

    private int OriginOf(int index) => index < _origins!.Count ? _origins[index] : _original.Length;
}
