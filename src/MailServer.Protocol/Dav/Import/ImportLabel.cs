using System.Globalization;

namespace MailServer.Protocol.Dav.Import;

/// <summary>Describes entries of an import file to the user.</summary>
internal static class ImportLabel
{
    private const int LongestName = 80;

    /// <summary>For example <c>card 2, line 12 (UID 8f3)</c>.</summary>
    /// <param name="slice">The entry.</param>
    /// <param name="number">Its number in the file; 0 for text outside of all entries.</param>
    /// <param name="name">Its name; null if it has none.</param>
    public static string Of(ImportSlice slice, int number, string? name)
    {
        var at = number == 0
            ? string.Create(CultureInfo.InvariantCulture, $"line {slice.Line}")
            : string.Create(CultureInfo.InvariantCulture, $"{KindOf(slice.Name)} {number}, line {slice.Line}");
        return string.IsNullOrWhiteSpace(name) ? at : $"{at} ({Shown(name)})";
    }

    /// <summary>The name of an entry that cannot be parsed: its UID, or the given property.</summary>
    public static string? NameIn(ImportSlice slice, string property) => slice.Find("UID") is { Length: > 0 } uid ? $"UID {uid}" : slice.Find(property);

    private static string KindOf(string component) => component switch
    {
        "VCARD" => "card",
        "VEVENT" => "event",
        "VTODO" => "task",
        "VJOURNAL" => "journal entry",
        "VTIMEZONE" => "time zone",
        "VFREEBUSY" => "free-busy entry",
        _ => "component",
    };

    private static string Shown(string name)
    {
        var plain = string.Concat(name.Where(static c => !char.IsControl(c)));
        return plain.Length > LongestName ? plain[..LongestName] + "…" : plain;
    }
}
