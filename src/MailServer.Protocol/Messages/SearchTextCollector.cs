using System.Buffers;
using System.Text;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Passes on, folded, every text that <see cref="TextSearch{TText}"/> looks at. It is a visitor like the text of a search, so that an index can never contain less than a search would find.
/// </summary>
internal sealed class SearchTextCollector(ISearchTextReceiver receiver) : ITextVisitor, IDisposable
{
    /// <summary>The order of a longer run of marks may depend on where a piece begins.</summary>
    private const int LongestRun = 2;

    private char[] _buffer = ArrayPool<char>.Shared.Rent(64 * 1024);

    public SearchScope Scope { get; set; } = SearchScope.Header;

    /// <summary>True if the receiver wanted no more, or a text cannot be passed on as every search sees it.</summary>
    public bool IsIncomplete { get; private set; }

    public int Length => 0;

    /// <summary>Enough for three characters after folding, which begin in one piece and end in the next.</summary>
    public int Overlap => 8;

    public bool IsIn(ReadOnlySpan<char> chars)
    {
        if (receiver.Receive(Scope, Fold(chars))) return false;
        return IsIncomplete = true;
    }

    public void Dispose() => ArrayPool<char>.Shared.Return(_buffer);

    private ReadOnlySpan<char> Fold(ReadOnlySpan<char> chars)
    {
        if (Ascii.IsValid(chars))
        {
            if (_buffer.Length < chars.Length)
            {
                ArrayPool<char>.Shared.Return(_buffer);
                _buffer = ArrayPool<char>.Shared.Rent(chars.Length);
            }

            Ascii.ToUpper(chars, _buffer, out var length);
            return _buffer.AsSpan(0, length);
        }

        var folded = UnicodeCasemap.Fold(chars, ref _buffer);
        IsIncomplete |= HasLongRun(folded);
        return folded;
    }

    private static bool HasLongRun(ReadOnlySpan<char> folded)
    {
        var run = 0;
        foreach (var c in folded)
        {
            run = UnicodeCasemap.IsMark(c) ? run + 1 : 0;
            if (run > LongestRun) return true;
        }

        return false;
    }
}
