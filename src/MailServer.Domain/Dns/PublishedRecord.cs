using System.Text;

namespace MailServer.Domain.Dns;

/// <summary>How much depends on a record.</summary>
public enum RecordNeed
{
    /// <summary>Mail does not arrive, or is not believed, without it.</summary>
    Required,

    /// <summary>Protects, or spares users typing.</summary>
    Recommended,

    /// <summary>Good to have where it is easy, such as TLSA where the zone is signed.</summary>
    Optional,
}

/// <summary>A record that the administrator of a domain should publish.</summary>
/// <param name="Name">Without the last dot.</param>
/// <param name="Type">MX, TXT, SRV, …</param>
/// <param name="Value">As zone files have it, host names with their last dot; a text without quotes.</param>
/// <param name="Need">How much depends on it.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
public sealed record PublishedRecord(string Name, string Type, string Value, RecordNeed Need, string Purpose)
{
    // RFC 1035 §3.3: a character-string has at most 255 octets.
    private const int MaxString = 255;

    /// <summary>The line of a zone file.</summary>
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
