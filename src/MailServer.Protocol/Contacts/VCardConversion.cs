using System.Text;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>
/// Converts the properties of a card between vCard 3.0 and 4.0. Lines that are the same in both versions are returned as stored; a converted
/// line has no <see cref="ContentLine.Raw"/>. Properties removed by RFC 6350 and parameters not in RFC 2426 are omitted.
/// </summary>
internal static class VCardConversion
{
    private static readonly string[] OnlyInV3 = ["AGENT", "CLASS", "LABEL", "MAILER", "NAME", "PROFILE", "SORT-STRING"];
    private static readonly string[] OnlyInV4 = ["CLIENTPIDMAP", "XML"];
    private static readonly string[] ParametersOnlyInV4 = ["ALTID", "CALSCALE", "MEDIATYPE", "PID", "PREF", "SORT-AS"];

    public static IEnumerable<ContentLine> Lines(ContactCard card, VCardVersion version)
    {
        if (card.Version == version)
            return card.Root.Lines;
        return version == VCardVersion.V4 ? ToV4(card.Root) : ToV3(card);
    }

    private static IEnumerable<ContentLine> ToV4(ContentComponent root)
    {
        var sortString = root.TextOf("SORT-STRING");
        foreach (var line in root.Lines.Where(l => Array.IndexOf(OnlyInV3, l.Name) < 0))
        {
            yield return line.Name switch
            {
                "X-ADDRESSBOOKSERVER-KIND" => Changed(line, line.Text, name: "KIND"),
                "X-ADDRESSBOOKSERVER-MEMBER" => Changed(line, line.Text, name: "MEMBER"),
                "BDAY" => VCardDateConversion.ToV4(line),
                "GEO" => Changed(line, "geo:" + line.Text.Replace(';', ',')),
                "N" when sortString is not null => Changed(line, line.Text, [.. line.Parameters, new ContentParameter("SORT-AS", [sortString])]),
                _ => VCardMediaConversion.ToV4(line) ?? PreferenceToV4(line),
            };
        }

        if (root.Line("FN") is null)
            yield return Created("FN", ContentText.Escape(string.Join(' ', ContentText.Split(root.Line("N")!.Text, ';').Select(ContentText.Unescape).Where(n => n.Length > 0))));
    }

    private static IEnumerable<ContentLine> ToV3(ContactCard card)
    {
        foreach (var line in card.Root.Lines.Where(l => Array.IndexOf(OnlyInV4, l.Name) < 0))
        {
            yield return line.Name switch
            {
                "KIND" => Changed(line, line.Text, name: "X-ADDRESSBOOKSERVER-KIND"),
                "MEMBER" => Changed(line, line.Text, name: "X-ADDRESSBOOKSERVER-MEMBER"),
                "BDAY" or "ANNIVERSARY" => VCardDateConversion.ToV3(line),
                "GEO" when line.Text.StartsWith("geo:", StringComparison.OrdinalIgnoreCase) => Changed(line, line.Text[4..].Replace(',', ';')),
                "TEL" when line.Text.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) =>
                    Changed(line, line.Text[4..], [.. PreferenceToV3(line).Where(p => p.Name != "VALUE")]),
                _ => VCardMediaConversion.ToV3(line) ?? WithoutV4Parameters(line),
            };
        }

        if (card.Root.Line("N") is null)
            yield return Created("N", ContentText.Escape(card.FullName) + ";;;;");
    }

    /// <summary><c>TYPE=PREF</c> becomes <c>PREF=1</c>.</summary>
    private static ContentLine PreferenceToV4(ContentLine line)
    {
        if (!line.Parameters.Any(p => p.Name is "CHARSET" or "PREF" || p.Values.Any(IsPreference)))
            return line;
        var parameters = new List<ContentParameter>();
        var preferred = false;
        foreach (var parameter in line.Parameters.Where(p => p.Name != "CHARSET"))
        {
            var values = parameter.Values.Where(v => !IsPreference(v)).ToArray();
            preferred |= values.Length < parameter.Values.Count || parameter is { Name: "PREF", Values.Count: 0 };
            if (values.Length > 0)
                parameters.Add(parameter with { Values = values });
        }

        if (preferred)
            parameters.Add(new ContentParameter("PREF", ["1"]));
        return Changed(line, line.Text, parameters);
    }

    private static bool IsPreference(string value) => string.Equals(value, "pref", StringComparison.OrdinalIgnoreCase);

    private static ContentLine WithoutV4Parameters(ContentLine line) =>
        line.Parameters.Any(p => Array.IndexOf(ParametersOnlyInV4, p.Name) >= 0) ? Changed(line, line.Text, PreferenceToV3(line)) : line;

    private static List<ContentParameter> PreferenceToV3(ContentLine line)
    {
        var parameters = line.Parameters.Where(p => Array.IndexOf(ParametersOnlyInV4, p.Name) < 0).ToList();
        if (line.Parameter("PREF") == "1")
            parameters.Add(new ContentParameter("TYPE", ["PREF"]));
        return parameters;
    }

    internal static ContentLine Changed(ContentLine line, string value, IReadOnlyList<ContentParameter>? parameters = null, string? name = null) => new()
    {
        Raw = default,
        Group = line.Group,
        Name = name ?? line.Name,
        Parameters = parameters ?? line.Parameters,
        Value = Encoding.UTF8.GetBytes(value),
    };

    private static ContentLine Created(string name, string value) => new() { Raw = default, Name = name, Parameters = [], Value = Encoding.UTF8.GetBytes(value) };
}
