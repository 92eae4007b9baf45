namespace MailServer.Configuration;

/// <summary>All configuration keys, as <see cref="MailServerOptions"/> declares them. Reading, validation, suggestions and documentation use them.</summary>
internal static class ConfigurationKeys
{
    public const string Domains = "domains";

    private static readonly IReadOnlyList<ConfigurationKey> All = ConfigurationKey.In(typeof(MailServerOptions));

    /// <summary>The sections by name, except <c>domains</c>, which is a list.</summary>
    public static readonly IReadOnlyDictionary<string, ConfigurationSection> Sections =
        All.Where(static k => !k.IsList).Select(static k => new ConfigurationSection(k)).ToDictionary(static s => s.Name, StringComparer.Ordinal);

    public static readonly ConfigurationKey DomainList = All.Single(static k => k.Name == Domains);

    /// <summary>The keys of each item of <c>domains</c>.</summary>
    public static IReadOnlyList<ConfigurationKey> Domain => DomainList.Keys;
}
