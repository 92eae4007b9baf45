using System.Globalization;

namespace MailServer.Protocol.Dav.Headers;

/// <summary>Parses Range (RFC 9110 §14.1.2) with a single byte range. For multiple ranges the whole content is sent, as the RFC permits.</summary>
public static class RangeHeader
{
    private const string Unit = "bytes=";

    /// <summary>False if the whole content must be sent; true with a null range if the range cannot be satisfied (416).</summary>
    public static bool TryParse(string? header, long length, out Range? range)
    {
        range = null;
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase)) return false;
        var spec = header.AsSpan(Unit.Length).Trim();
        var dash = spec.IndexOf('-');
        if (dash < 0 || spec.Contains(',')) return false;
        var first = spec[..dash];
        var last = spec[(dash + 1)..];
        if (first.IsEmpty) return TryNumber(last, out var suffix) && Suffix(suffix, length, out range);
        var end = length - 1;
        if (!TryNumber(first, out var start) || (!last.IsEmpty && (!TryNumber(last, out end) || end < start))) return false;
        if (start < length) range = new Range((int)start, (int)Math.Min(end, length - 1) + 1);
        return true;
    }

    /// <summary>The value of Content-Range.</summary>
    public static string Describe(Range? range, long length) => range is { } sent
        ? string.Create(CultureInfo.InvariantCulture, $"bytes {sent.Start.Value}-{sent.End.Value - 1}/{length}")
        : string.Create(CultureInfo.InvariantCulture, $"bytes */{length}");

    private static bool Suffix(long suffix, long length, out Range? range)
    {
        range = suffix == 0 || length == 0 ? null : new Range((int)Math.Max(0, length - suffix), (int)length);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
