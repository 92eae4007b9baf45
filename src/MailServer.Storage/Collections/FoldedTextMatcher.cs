using System.Buffers;

namespace MailServer.Storage.Collections;

/// <summary>
/// Searches for a text in content lines, ignoring ASCII case and line folding (RFC 5545 §3.1).
/// It rules out resources that cannot match; the filter decides about the others.
/// </summary>
internal readonly struct FoldedTextMatcher(ReadOnlyMemory<byte> text)
{
    private readonly SearchValues<byte>? _first = text.IsEmpty ? null : SearchValues.Create([Lower(text.Span[0]), Upper(text.Span[0])]);

    public bool IsIn(ReadOnlySpan<byte> octets)
    {
        if (_first is null) return true;
        var wanted = text.Span;
        while (true)
        {
            var start = octets.IndexOfAny(_first);
            if (start < 0) return false;
            octets = octets[start..];
            if (StartsWith(octets, wanted)) return true;
            octets = octets[1..];
        }
    }

    private static bool StartsWith(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> wanted)
    {
        var at = 0;
        foreach (var octet in wanted)
        {
            while (FoldAt(octets, at) is var fold and > 0) at += fold;
            if (at >= octets.Length || Lower(octets[at]) != Lower(octet)) return false;
            at++;
        }

        return true;
    }

    private static int FoldAt(ReadOnlySpan<byte> octets, int at)
    {
        var rest = octets[at..];
        if (rest.Length >= 3 && rest[0] == '\r' && rest[1] == '\n' && (rest[2] is (byte)' ' or (byte)'\t')) return 3;
        return rest.Length >= 2 && rest[0] == '\n' && (rest[1] is (byte)' ' or (byte)'\t') ? 2 : 0;
    }

    private static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;

    private static byte Upper(byte octet) => octet is >= (byte)'a' and <= (byte)'z' ? (byte)(octet & ~0x20) : octet;
}
