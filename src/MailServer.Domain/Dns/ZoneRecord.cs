using System.Text;

namespace MailServer.Domain.Dns;

/// <summary>How important a DNS record is.</summary>
public enum RequirementLevel
{
    /// <summary>Without it mail is not delivered or fails authentication.</summary>
    Required,

    /// <summary>Improves security or simplifies client configuration.</summary>
    Recommended,

    /// <summary>Useful where it is easy to provide, such as TLSA in a signed zone.</summary>
    Optional,
}

/// <summary>A DNS record that the administrator of a domain should publish.</summary>
/// <param name="Name">Owner name without a trailing dot.</param>
/// <param name="Type">Record type: MX, TXT, SRV, …</param>
/// <param name="Value">Value in zone file notation: host names with a trailing dot, text without quotes.</param>
/// <param name="Need">Importance of the record.</param>
/// <param name="Purpose">Purpose of the record, in a few words.</param>
public sealed record ZoneRecord(string Name, string Type, string Value, RequirementLevel Need, string Purpose)
{
    // RFC 1035 §3.3: a character-string has at most 255 octets.
    private const int MaxString = 255;

    /// <summary>The record as a line of a zone file.</summary>
    public string ZoneLine
    {
        get
        {
            if (Type != "TXT") return $"{Name}. IN {Type} {Value}";
            var line = new StringBuilder($"{Name}. IN TXT");
            for (var at = 0; at < Value.Length; at += MaxString)
                line.Append(" \"").Append(Value.AsSpan(at, Math.Min(MaxString, Value.Length - at)).ToString().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            return line.ToString();
        }
    }
}
