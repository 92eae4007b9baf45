using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>i;unicode-casemap (RFC 5051 §2): texts are compared after mapping each character to one case and decomposing it.</summary>
internal static class UnicodeCasemap
{
    private const char FirstMark = '\u0300';

    /// <summary>In <see cref="Single"/>: the character becomes several.</summary>
    private const char Several = '\uffff';

    /// <summary>A longer run of combining marks is no text, and is not put in order.</summary>
    private const int LongestRun = 32;

    // Normalization of a text costs a hundred nanoseconds for each character; these tables, which fill as characters are seen, two.
    private static readonly char[] Single = new char[char.MaxValue + 1];
    private static readonly ConcurrentDictionary<char, string> Longer = new();

    public static string Fold(string text)
    {
        if (Ascii.IsValid(text)) return text.ToUpperInvariant();
        var buffer = ArrayPool<char>.Shared.Rent(text.Length * 2);
        var folded = new string(Fold(text, ref buffer));
        ArrayPool<char>.Shared.Return(buffer);
        return folded;
    }

    /// <summary>Folds a text into a rented buffer, which is exchanged for a larger one if necessary.</summary>
    public static ReadOnlySpan<char> Fold(ReadOnlySpan<char> text, ref char[] buffer)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (buffer.Length - length < LongestRun) Grow(ref buffer, length);
            if (char.IsSurrogate(c))
            {
                length = Append(buffer, length, FoldRune(text[i..], out var used));
                i += used - 1;
                continue;
            }

            var single = Single[c];
            if (single == 0) single = Learn(c);
            if (single == Several) length = Append(buffer, length, Longer[c]);
            else if (single >= FirstMark && IsMark(single)) length = Append(buffer, length, [single]);
            else buffer[length++] = single;
        }

        return buffer.AsSpan(0, length);
    }

    private static void Grow(ref char[] buffer, int length)
    {
        var larger = ArrayPool<char>.Shared.Rent((buffer.Length * 2) + LongestRun);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<char>.Shared.Return(buffer);
        buffer = larger;
    }

    /// <summary>Combining marks of different characters are put into their canonical order.</summary>
    private static int Append(char[] buffer, int length, ReadOnlySpan<char> folded)
    {
        folded.CopyTo(buffer.AsSpan(length));
        var start = length;
        length += folded.Length;
        if (start == 0 || !IsMark(buffer[start]) || !IsMark(buffer[start - 1])) return length;
        while (start > 0 && length - start < LongestRun && IsMark(buffer[start - 1])) start--;
        if (length - start < LongestRun) new string(buffer, start, length - start).Normalize(NormalizationForm.FormKD).CopyTo(buffer.AsSpan(start));
        return length;
    }

    /// <summary>True for a combining mark.</summary>
    public static bool IsMark(char c) => c >= FirstMark && CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;

    private static char Learn(char c)
    {
        var folded = Map(c is '\ufffe' or '\uffff' ? Rune.ReplacementChar : new Rune(c));
        if (folded.Length > 1) Longer[c] = folded;
        return Single[c] = folded.Length == 1 ? folded[0] : Several;
    }

    private static string FoldRune(ReadOnlySpan<char> text, out int used)
    {
        // A surrogate without partner is replaced.
        Rune.DecodeFromUtf16(text, out var rune, out used);
        return Map(rune);
    }

    private static string Map(Rune rune) => rune.ToString().Normalize(NormalizationForm.FormKD).ToUpperInvariant().Normalize(NormalizationForm.FormKD);
}
