using System.Buffers;
using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>Looks at the texts of a message, in the order in which they are read.</summary>
internal interface ITextVisitor
{
    /// <summary>A shorter text of plain ASCII needs no look.</summary>
    int Length { get; }

    /// <summary>The number of characters at the end of a piece that are repeated before the next one, at least; a letter and its marks are not divided.</summary>
    int Overlap { get; }

    /// <summary>Looks at a text or a piece of one; true if no more is needed.</summary>
    bool IsIn(ReadOnlySpan<char> chars);
}

/// <summary>
/// A text that is searched for. Texts are compared by i;unicode-casemap (RFC 5051), as I18NLEVEL=1 (RFC 5255 §3) requires: regardless of case, and of whether an
/// accented letter is one character or two.
/// </summary>
internal readonly struct SearchText : ITextVisitor
{
    private readonly string _folded;
    private readonly bool _isAscii;

    public SearchText(string text)
    {
        _folded = UnicodeCasemap.Fold(text);
        _isAscii = Ascii.IsValid(_folded);
    }

    /// <summary>The maximum length in characters of a text that matches.</summary>
    public int Length => _folded.Length;

    // Folding makes one character of the two of a surrogate pair.
    public int Overlap => _folded.Length * 2;

    public bool IsIn(ReadOnlySpan<char> chars)
    {
        if (_isAscii && chars.Contains(_folded, StringComparison.OrdinalIgnoreCase)) return true;
        if (Ascii.IsValid(chars)) return false;
        var buffer = ArrayPool<char>.Shared.Rent(chars.Length * 2);
        var found = UnicodeCasemap.Fold(chars, ref buffer).IndexOf(_folded) >= 0;
        ArrayPool<char>.Shared.Return(buffer);
        return found;
    }
}
