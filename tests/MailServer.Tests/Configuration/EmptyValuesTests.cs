using System.Collections;
using System.Reflection;
using MailServer.Configuration;

namespace MailServer.Tests.Configuration;

/// <summary>An empty list, mapping or string is a value of its own for every key: it is applied or refused, and never means the default.</summary>
public sealed class EmptyValuesTests
{
    /// <summary>Lists that cannot work without an item.</summary>
    private static readonly string[] Needed = ["server.listen", "admin.listen"];

    private static readonly Hashtable NoEnvironment = [];

    /// <summary>Every key of every section, and whether it is a list.</summary>
    public static TheoryData<string, string, bool> Keys
    {
        get
        {
            var keys = new TheoryData<string, string, bool>();
            foreach (var section in ConfigurationKeys.Sections.Values)
                foreach (var key in section.KeyNames) keys.Add(section.Name, key, section.ListNames.Contains(key, StringComparer.Ordinal));
            return keys;
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_empty_value_is_applied_or_refused_for_every_key(string section, string key, bool isList)
    {
        foreach (var (yaml, environment) in Forms(section, key))
        {
            var read = ConfigurationLoader.Parse(yaml, "c.yaml", environment);
            var refusals = read.Problems.Where(p => p.Key == $"{section}.{key}" && !p.IsWarning).ToArray();
            var isEmptyList = isList && !yaml.Contains("{}", StringComparison.Ordinal);
            if (isEmptyList && !Needed.Contains($"{section}.{key}", StringComparer.Ordinal)) Assert.Empty(Value(read.Options, section, key));
            else Assert.True(refusals.Length == 1, $"{yaml} {environment.Count}: {string.Join('\n', read.Problems)}");
            foreach (var refusal in refusals) Assert.True(refusal.Text.StartsWith("is empty; expected ", StringComparison.Ordinal) || refusal.Text.StartsWith("must be ", StringComparison.Ordinal), refusal.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_without_a_value_keeps_its_default(string section, string key, bool isList)
    {
        foreach (var value in (string[])["", " ~", " null"])
        {
            var read = ConfigurationLoader.Parse($"{section}:\n  {key}:{value}\n", "c.yaml", NoEnvironment);
            Assert.True(read.IsEmpty);
            Assert.DoesNotContain(read.Problems, static p => !p.IsWarning);
            if (isList) Assert.Equal(Value(new MailServerOptions(), section, key).Cast<object>(), Value(read.Options, section, key).Cast<object>());
        }
    }

    /// <summary>An item without a value, in each list.</summary>
    [Theory]
    [MemberData(nameof(Keys))]
    public void An_empty_item_of_a_list_is_refused(string section, string key, bool isList)
    {
        if (!isList) return;
        foreach (var item in (string[])["~", "''", "[]", "{}"])
        {
            var read = ConfigurationLoader.Parse($"{section}: {{{key}: [{item}]}}", "c.yaml", NoEnvironment);
            Assert.True(read.Problems.Any(p => p.Key.StartsWith($"{section}.{key}", StringComparison.Ordinal) && !p.IsWarning), $"{section}.{key}: [{item}]");
        }
    }

    [Fact]
    public void An_empty_list_replaces_a_default_and_the_list_of_the_file()
    {
        Assert.Empty(Parse("security: {ban_exempt: []}").Security.BanExempt);
        var environment = new Hashtable { ["MAILSERVER_SECURITY__BAN_EXEMPT"] = "" };
        Assert.Empty(ConfigurationLoader.Parse("security: {ban_exempt: [192.0.2.1]}", "c.yaml", environment).Options.Security.BanExempt);
        environment = new Hashtable { ["MAILSERVER_SECURITY__BAN_EXEMPT__0"] = "192.0.2.1" };
        Assert.Single(ConfigurationLoader.Parse("security: {ban_exempt: []}", "c.yaml", environment).Options.Security.BanExempt);
        environment = new Hashtable { ["MAILSERVER_DELIVERY__ROUTES"] = "" };
        Assert.Empty(ConfigurationLoader.Parse("delivery: {routes: [{domain: a.test, host: b.test}]}", "c.yaml", environment).Options.Delivery.Routes);
    }

    [Fact]
    public void An_empty_section_is_no_problem_and_a_list_in_its_place_is_one()
    {
        foreach (var section in ConfigurationKeys.Sections.Keys)
        {
            Assert.DoesNotContain(ConfigurationLoader.Parse($"{section}: {{}}", "c.yaml", NoEnvironment).Problems, static p => !p.IsWarning);
            foreach (var value in (string[])["[]", "''"]) Assert.Contains(ConfigurationLoader.Parse($"{section}: {value}", "c.yaml", NoEnvironment).Problems, p => p.Key == section && p.Text.Contains("expected keys", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("domains: []", null)]
    [InlineData("domains: ''", null)]
    [InlineData("domains:", null)]
    [InlineData("domains: {}", "domains: must be a list")]
    [InlineData("domains: [{}]", "domains.0: has no name")]
    [InlineData("domains: [~]", "domains.0: has no name")]
    [InlineData("domains: [{name: }]", "domains.0: has no name")]
    [InlineData("domains: [{name: ''}]", "domains.0.name: is empty; expected a domain")]
    [InlineData("domains: [{name: a.test, dkim_key_file: ''}]", "domains.0.dkim_key_file: is empty; expected a non-empty string")]
    [InlineData("delivery: {routes: [{domain: a.test, host: ''}]}", "delivery.routes.0.host: is empty; expected 'host' or 'host:port'")]
    public void Empty_domains_and_items_are_judged_alike(string yaml, string? expected)
    {
        var problems = ConfigurationLoader.Parse(yaml, "c.yaml", NoEnvironment).Problems.Where(static p => !p.IsWarning).Select(static p => p.ToString()).ToArray();
        if (expected is null) Assert.Empty(problems);
        else Assert.Contains(problems, p => p.Contains(expected, StringComparison.Ordinal));
    }

    private static MailServerOptions Parse(string yaml) => ConfigurationLoader.Parse(yaml, "c.yaml", NoEnvironment).Options;

    private static IEnumerable<(string Yaml, Hashtable Environment)> Forms(string section, string key)
    {
        foreach (var value in (string[])["[]", "{}", "''", "\"\""]) yield return ($"{section}: {{{key}: {value}}}", NoEnvironment);
        yield return ("", new Hashtable { [$"MAILSERVER_{section.ToUpperInvariant()}__{key.ToUpperInvariant()}"] = "" });
    }

    /// <summary>The list in the options record that belongs to a key.</summary>
    private static IEnumerable Value(MailServerOptions options, string section, string key) =>
        Assert.IsType<IEnumerable>(Property(Property(options, section), key), exactMatch: false);

    private static object Property(object owner, string name) =>
        owner.GetType().GetProperty(name.Replace("_", "", StringComparison.Ordinal), BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)!.GetValue(owner)!;
}
