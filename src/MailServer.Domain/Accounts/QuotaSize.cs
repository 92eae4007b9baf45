using System.Globalization;

namespace MailServer.Domain.Accounts;

/// <summary>Parses and formats quotas: <c>500M</c>, <c>5G</c>, <c>1.5 TB</c>, or octets without a unit. Units are powers of 1024.</summary>
public static class QuotaSize
{
    private const string Units = "KMGT";

    /// <summary>Parses a size in octets, between 1 octet and 1024 TB.</summary>
    public static bool TryParse(string? text, out long octets)
    {
        octets = 0;
        var rest = (text ?? "").Trim().ToUpperInvariant();
        if (rest.Length > 1 && rest[^1] == 'B' && !char.IsDigit(rest[^2])) rest = rest[..^1];
        var unit = rest.Length == 0 ? -1 : Units.IndexOf(rest[^1], StringComparison.Ordinal);
        if (unit >= 0) rest = rest[..^1].TrimEnd();
        if (!decimal.TryParse(rest, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number > 1L << 50) return false;
        number *= 1L << (10 * (unit + 1));
        if (number is < 1 or > 1L << 50) return false;
        octets = (long)number;
        return true;
    }

    /// <summary>Formats a size in the shortest exact form.</summary>
    public static string Format(long octets)
    {
        var unit = -1;
        while (unit < Units.Length - 1 && octets > 0 && octets % 1024 == 0)
        {
            octets /= 1024;
            unit++;
        }

        return octets.ToString(CultureInfo.InvariantCulture) + (unit < 0 ? "" : Units[unit].ToString());
    }
}
