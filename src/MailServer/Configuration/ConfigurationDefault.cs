using System.Collections;
using System.Globalization;
using System.Net;

namespace MailServer.Configuration;

/// <summary>Writes default values as a configuration file has them.</summary>
internal static class ConfigurationDefault
{
    private static readonly (char Suffix, TimeSpan Unit)[] Units = [('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];
    private static readonly (string Suffix, int Shift)[] Sizes = [("GB", 30), ("MB", 20), ("KB", 10)];

    /// <summary>The text of a value; null for none.</summary>
    /// <param name="value">The value of an option.</param>
    /// <param name="allowed">The description of allowed values, which contains the names of an enumeration.</param>
    public static string? Write(object? value, string allowed) => value switch
    {
        null => null,
        string text => text.Length == 0 ? null : text,
        bool isOn => isOn ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long octets => Size(octets),
        TimeSpan time => Duration(time),
        Enum name => allowed.Replace("one of ", "", StringComparison.Ordinal).Split(", ").Single(n => string.Equals(n.Replace("-", "", StringComparison.Ordinal), name.ToString(), StringComparison.OrdinalIgnoreCase)),
        IPAddress address => address.Equals(IPAddress.IPv6Any) ? "\"*\"" : Quoted(address.ToString()),
        IPNetwork network => Quoted(network.BaseAddress.ToString()),
        HostPort host => host.Port == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{host.Host}:{host.Port}"),
        Uri url => url.AbsoluteUri,
        IEnumerable items when items.Cast<object>().ToArray() is var list => list.Length == 1 ? Write(list[0], allowed) : $"[{string.Join(", ", list.Select(i => Write(i, allowed)))}]",
        _ => throw new ArgumentException($"no text for a default of type {value.GetType()}", nameof(value)),
    };

    private static string Size(long octets) =>
        Sizes.FirstOrDefault(s => octets > 0 && octets % (1L << s.Shift) == 0) is { Suffix: { } suffix, Shift: var shift } ? Number(octets >> shift) + suffix : Number(octets);

    private static string Duration(TimeSpan time) =>
        time == TimeSpan.Zero ? "0s" : Units.First(u => time.Ticks % u.Unit.Ticks == 0) is var (suffix, unit) ? Number(time.Ticks / unit.Ticks) + suffix : "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    // In YAML a colon can end a key.
    private static string Quoted(string text) => text.Contains(':', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}
