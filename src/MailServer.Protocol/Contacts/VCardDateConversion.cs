using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>
/// Converts dates: <c>1996-04-15</c> in vCard 3.0, <c>19960415</c> in 4.0 (RFC 6350 §4.3.1). A date without a year is <c>--0415</c> in 4.0;
/// in 3.0 Apple clients write the year 1604 with the parameter X-APPLE-OMIT-YEAR.
/// </summary>
internal static class VCardDateConversion
{
    private const string OmitYear = "X-APPLE-OMIT-YEAR";
    private const string NoYear = "1604";

    public static ContentLine ToV4(ContentLine line)
    {
        var text = line.Text;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-')
            return line;
        var year = line.Parameter(OmitYear) == text[..4] ? "--" : text[..4];
        var time = text[10..].Replace(":", "", StringComparison.Ordinal);
        return VCardConversion.Changed(line, $"{year}{text[5..7]}{text[8..10]}{time}", [.. line.Parameters.Where(p => p.Name is not (OmitYear or "VALUE"))]);
    }

    public static ContentLine ToV3(ContentLine line)
    {
        var text = line.Text;
        if (text.Length >= 8 && text.AsSpan(0, 8).IndexOfAnyExceptInRange('0', '9') < 0)
            return VCardConversion.Changed(line, $"{text[..4]}-{text[4..6]}-{text[6..]}", Kept(line));
        if (text.Length == 6 && text.StartsWith("--", StringComparison.Ordinal) && text.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0)
            return VCardConversion.Changed(line, $"{NoYear}-{text[2..4]}-{text[4..]}", [.. Kept(line), new ContentParameter(OmitYear, [NoYear])]);
        return line;
    }

    private static ContentParameter[] Kept(ContentLine line) => [.. line.Parameters.Where(p => p.Name is not ("ALTID" or "CALSCALE" or "PID"))];
}
