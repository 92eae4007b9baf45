namespace MailServer.Configuration;

/// <summary>A section of the configuration.</summary>
internal sealed class ConfigurationSection(ConfigurationKey key)
{
    public string Name => key.Name;

    /// <summary>What the section is for, in Markdown.</summary>
    public string Text => key.Text;

    /// <summary>All keys in the order of the reference.</summary>
    public IReadOnlyList<ConfigurationKeyOutline> Outline => [.. key.Keys.SelectMany(k => k.Outline(Name, key.NewItem()))];

    public IEnumerable<string> KeyNames => key.Keys.Select(static k => k.Name);

    /// <summary>The names of those keys whose value is a list.</summary>
    public IEnumerable<string> ListNames => key.Keys.Where(static k => k.IsList).Select(static k => k.Name);

    /// <summary>Sets <paramref name="options"/> from the <paramref name="entries"/> of this section, and adds errors to <paramref name="problems"/>.</summary>
    public void Bind(MailServerOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems) =>
        OptionsBinder.Bind(Name, key.Keys, key.ValueIn(options), entries, problems);
}
