using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Imap.Commands;

namespace MailServer.Configuration;

/// <summary>A type of configuration value: a description of allowed values, and their parser.</summary>
internal abstract record ConfigurationValue(Type Type, string Allowed)
{
    public abstract bool TryReadObject(string text, [NotNullWhen(true)] out object? value);
}

/// <summary>A type of configuration value that is read as <typeparamref name="T"/>.</summary>
internal sealed record ConfigurationValue<T>(string Allowed, ConfigurationValue<T>.Reader TryRead) : ConfigurationValue(typeof(T), Allowed)
    where T : notnull
{
    public delegate bool Reader(string text, [MaybeNullWhen(false)] out T value);

    public override bool TryReadObject(string text, [NotNullWhen(true)] out object? value)
    {
        value = TryRead(text, out var read) ? read : null;
        return value is not null;
    }
}

/// <summary>The types of configuration values.</summary>
internal static class ConfigurationValues
{
    private const int SmtpPort = 25;
    private const int DnsPort = 53;

    public static readonly ConfigurationValue<string> Text = new("a non-empty string", TryReadText);

    public static readonly ConfigurationValue<bool> Boolean = new("'true' or 'false'", TryReadSwitch);

    public static readonly ConfigurationValue<int> Port = new("a port (1 to 65535, or 0 to disable it)", static (text, out value) => TryReadNumber(text, 0, 65535, out value));

    public static readonly ConfigurationValue<TimeSpan> Duration = new("a duration such as '30s', '5m', '12h' or '5d'", TryReadDuration);

    public static readonly ConfigurationValue<TimeSpan> Delay = new("a duration of up to a minute such as '15s', or '0s' for none", TryReadDelay);

    /// <summary>A rate limit; 0: unlimited.</summary>
    public static readonly ConfigurationValue<int> Rate = Number(0, 10_000_000);

    public static readonly ConfigurationValue<long> Size = new("a size in bytes or such as '25MB' (KB, MB, GB are powers of 1024)", TryReadSize);

    public static readonly ConfigurationValue<string> HostName = new("a host name such as 'mail.example.org'", TryReadDomain);

    public static readonly ConfigurationValue<string> DomainName = new("a domain such as 'example.org'", TryReadDomain);

    public static readonly ConfigurationValue<string> RouteDomain = new("a domain, '.example.org' for its subdomains, or '*' for all", TryReadRouteDomain);

    public static readonly ConfigurationValue<string> Email = new("an email address", TryReadEmail);

    public static readonly ConfigurationValue<string> Selector = new("a DKIM selector: letters, digits and hyphens", TryReadDomain);

    public static readonly ConfigurationValue<string> NodeName = new("a name of letters, digits and hyphens", TryReadNodeName);

    public static readonly ConfigurationValue<HostPort> Host = new("'host' or 'host:port'", TryReadHost);

    public static readonly ConfigurationValue<IPAddress> Address = new("an IP address, or '*' for all", TryReadAddress);

    public static readonly ConfigurationValue<IPNetwork> Network = new("an IP address or a network such as '192.0.2.0/24'", TryReadNetwork);

    public static readonly ConfigurationValue<IPEndPoint> DnsServer = new("an IP address, with ':port' if it is not 53", TryReadDnsServer);

    public static readonly ConfigurationValue<Uri> Https = new("a URL that begins with https://", TryReadHttps);

    public static readonly ConfigurationValue<Enum> Challenge = OneOf(typeof(AcmeChallengeOption), ["http-01", "tls-alpn-01", "dns-01"]);

    public static readonly ConfigurationValue<string> HealthCheck = new("one of " + string.Join(", ", HealthOptions.Checks), TryReadCheck);

    public static readonly ConfigurationValue<string> ImapCapability = new("one of " + string.Join(", ", Capabilities.Optional), TryReadCapability);

    public static readonly ConfigurationValue<string> AccountCapability = new("an email address, a space and an IMAP capability that can be disabled", TryReadAccountCapability);

    public static readonly ConfigurationValue<string> ClientCapability = new("the name of a program, a space and an IMAP capability that can be disabled", TryReadClientCapability);

    /// <summary>What a key allows if only its type says so. A <c>long</c> is a size in octets.</summary>
    private static readonly Dictionary<Type, ConfigurationValue> ByType = new ConfigurationValue[] { Text, Boolean, Duration, Size, Host, Address, Network, DnsServer, Https }.ToDictionary(static v => v.Type);

    /// <summary>The allowed values of a key.</summary>
    public static ConfigurationValue For(KeyAttribute key, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (key.Value is { } name) return (ConfigurationValue)typeof(ConfigurationValues).GetField(name)!.GetValue(null)!;
        if (key.Max > 0) return Number(key.Min, key.Max);
        return type.IsEnum ? OneOf(type, [.. Enum.GetNames(type).Select(static n => n.ToLowerInvariant())]) : ByType[type];
    }

    private static ConfigurationValue<int> Number(int min, int max) => new(
        string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"), (text, out value) => TryReadNumber(text, min, max, out value));

    /// <summary>One of the members of an enumeration, by their names in the configuration.</summary>
    private static ConfigurationValue<Enum> OneOf(Type type, string[] names) => new("one of " + string.Join(", ", names), (string text, [MaybeNullWhen(false)] out Enum value) =>
    {
        var index = Array.IndexOf(names, text);
        value = (Enum)Enum.GetValues(type).GetValue(Math.Max(index, 0))!;
        return index >= 0;
    });

    private static bool TryReadCheck(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return HealthOptions.Checks.Contains(text, StringComparer.Ordinal);
    }

    private static bool TryReadCapability(string text, [MaybeNullWhen(false)] out string value)
    {
        value = Capabilities.Optional.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return value is not null;
    }

    private static bool TryReadAccountCapability(string text, [MaybeNullWhen(false)] out string value) => TryReadFor(text, static who => EmailAddress.TryParse(who, out _), out value);

    private static bool TryReadClientCapability(string text, [MaybeNullWhen(false)] out string value) => TryReadFor(text, static who => who.Length > 0, out value);

    private static bool TryReadFor(string text, Func<string, bool> isWho, [MaybeNullWhen(false)] out string value)
    {
        value = null;
        var space = text.LastIndexOf(' ');
        if (space < 0 || !isWho(text[..space].Trim()) || !TryReadCapability(text[(space + 1)..], out var capability)) return false;
        value = $"{text[..space].Trim()} {capability}";
        return true;
    }

    private static bool TryReadText(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool TryReadRouteDomain(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        if (text == "*") return true;
        var isBelow = text is ['.', ..];
        if (!TryReadDomain(isBelow ? text[1..] : text, out var domain)) return false;
        value = isBelow ? "." + domain : domain;
        return true;
    }

    private static bool TryReadHttps(string text, [MaybeNullWhen(false)] out Uri value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme == Uri.UriSchemeHttps;

    private static bool TryReadEmail(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return EmailAddress.TryParse(text, out _);
    }

    private static bool TryReadSwitch(string text, out bool value)
    {
        value = text is "true" or "yes" or "on";
        return value || text is "false" or "no" or "off";
    }

    private static bool TryReadNumber(string text, int min, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;

    private static bool TryReadDuration(string text, out TimeSpan value)
    {
        value = default;
        if (text.Length < 2 || !TryReadNumber(text[..^1], 0, 1_000_000, out var count)) return false;
        TimeSpan? unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        value = count * unit.GetValueOrDefault();
        return unit is not null && value > TimeSpan.Zero;
    }

    private static bool TryReadDelay(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        return text is "0" or "0s" || (TryReadDuration(text, out value) && value <= TimeSpan.FromMinutes(1));
    }

    private static bool TryReadSize(string text, out long value)
    {
        var (digits, shift) = text.ToUpperInvariant() switch
        {
            [.. var d, 'K', 'B'] => (d, 10),
            [.. var d, 'M', 'B'] => (d, 20),
            [.. var d, 'G', 'B'] => (d, 30),
            var d => (d, 0),
        };
        if (!long.TryParse(digits.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) || value <= 0 || value > long.MaxValue >> 31) return false;
        value <<= shift;
        return true;
    }

    private static bool TryReadDomain(string text, [MaybeNullWhen(false)] out string value) =>
        EmailAddress.TryNormalizeDomain(text, out value) && value[0] != '[';

    private static bool TryReadNodeName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= 40 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-');
    }

    private static bool TryReadHost(string text, [MaybeNullWhen(false)] out HostPort value)
    {
        value = null;
        if (TryReadIp(text, out _))
        {
            value = new HostPort(text, SmtpPort);
            return true;
        }

        var colon = text.LastIndexOf(':');
        var port = SmtpPort;
        if (colon >= 0 && !TryReadNumber(text[(colon + 1)..], 1, 65535, out port)) return false;
        var host = colon >= 0 ? text[..colon] : text;
        if (host is ['[', .. var literal, ']'] && IPAddress.TryParse(literal, out _)) host = literal;
        else if (!TryReadDomain(host, out _)) return false;
        value = new HostPort(host, port);
        return true;
    }

    private static bool TryReadAddress(string text, [MaybeNullWhen(false)] out IPAddress value)
    {
        value = IPAddress.IPv6Any;
        return text == "*" || TryReadIp(text, out value);
    }

    // The framework's parser also accepts "1" as 0.0.0.1, and ignores the port of "[::1]:25".
    private static bool TryReadIp(string text, [MaybeNullWhen(false)] out IPAddress value) =>
        IPAddress.TryParse(text, out value) && !text.Contains('[', StringComparison.Ordinal) && (text.Contains(':', StringComparison.Ordinal) || text.AsSpan().Count('.') == 3);

    private static bool TryReadNetwork(string text, out IPNetwork value)
    {
        if (text.Contains('/', StringComparison.Ordinal)) return IPNetwork.TryParse(text, out value);
        value = default;
        if (!TryReadIp(text, out var address)) return false;
        value = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    private static bool TryReadDnsServer(string text, [MaybeNullWhen(false)] out IPEndPoint value)
    {
        value = null;
        if (!text.AsSpan().ContainsAny('.', ':') || !IPEndPoint.TryParse(text, out var server)) return false;
        value = server.Port == 0 ? new IPEndPoint(server.Address, DnsPort) : server;
        return true;
    }
}
