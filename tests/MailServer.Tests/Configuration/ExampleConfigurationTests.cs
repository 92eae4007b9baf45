using System.Collections;
using MailServer.Configuration;

namespace MailServer.Tests.Configuration;

public sealed class ExampleConfigurationTests
{
    [Theory]
    [InlineData("config.example.yaml")]
    [InlineData("config.localserve.yaml")]
    public void Shipped_configurations_are_valid(string name) =>
        Assert.Empty(ConfigurationLoader.Parse(Read(name), name, new Hashtable()).Problems);

    [Fact]
    public void The_example_shows_the_defaults()
    {
        var example = ConfigurationLoader.Parse(Read("config.example.yaml"), "example", new Hashtable()).Options;
        var defaults = new MailServerOptions();
        Assert.Equal(defaults.Server.Listen, example.Server.Listen);
        Assert.Equal(defaults.Server with { Hostname = "", Listen = [] }, example.Server with { Hostname = "", Listen = [] }, Same);
        Assert.Equal(defaults.Tls, example.Tls);
        Assert.Equal(defaults.Storage, example.Storage);
        Assert.Equal(defaults.Server.ProxyProtocolFrom, example.Server.ProxyProtocolFrom);
        Assert.Equal(defaults.Security.BanExempt, example.Security.BanExempt);
        Assert.Equal(defaults.Security, example.Security with { BanExempt = defaults.Security.BanExempt });
        Assert.Equal(defaults.Logging, example.Logging);
        Assert.Equal(defaults.Delivery, example.Delivery);
        Assert.Equal(defaults.Queue, example.Queue);
        Assert.Equal(defaults.Admin with { Listen = [] }, example.Admin with { Listen = [] }, SameAdmin);
        Assert.Equal(defaults.Admin.Listen, example.Admin.Listen);
    }

    [Fact]
    public void The_example_contains_every_key_and_its_commented_values_are_valid()
    {
        var lines = Read("config.example.yaml").Split('\n');
        foreach (var section in ConfigurationKeys.Sections.Values)
        {
            var body = lines.SkipWhile(l => l != section.Name + ":").Skip(1).TakeWhile(l => l.Length == 0 || l[0] == ' ').Select(l => l.Trim(' ', '#')).ToArray();
            foreach (var key in section.KeyNames) Assert.True(body.Any(l => l.StartsWith(key + ":", StringComparison.Ordinal)), $"{section.Name}.{key} is not in the example");
        }

        // The database can be set in two ways. "  # key: value" is a key; other comments have several words before a colon, or none.
        var whole = string.Join('\n', lines.Where(l => l != "domains: []" && !l.Contains("# database_file:", StringComparison.Ordinal)).Select(Uncomment));
        whole = whole.Replace("\n- name:", "\ndomains:\n- name:", StringComparison.Ordinal);
        var loaded = ConfigurationLoader.Parse(whole, "example", new Hashtable());
        Assert.Empty(loaded.Problems);
        Assert.Equal("example.org", Assert.Single(loaded.Options.Domains).Name);
        Assert.Equal(new HostPort("smarthost.example.net", 587), loaded.Options.Delivery.RelayHost);
    }

    [Fact]
    public void Every_option_can_be_configured()
    {
        foreach (var section in typeof(MailServerOptions).GetProperties().Where(p => p.CanWrite && p.Name != "Domains"))
        {
            var keys = ConfigurationKeys.Sections[section.Name.ToLowerInvariant()].KeyNames.Select(k => k.Replace("_", "", StringComparison.Ordinal));
            Assert.Equal(section.PropertyType.GetProperties().Where(p => p.CanWrite).Select(p => p.Name.ToLowerInvariant()).Order(), keys.Order());
        }

        Assert.Equal(["DkimKeyFile", "DkimSelector", "Name"], typeof(DomainOptions).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Order());
    }

    private static bool Same(ServerOptions a, ServerOptions b) => (a with { Listen = b.Listen, ProxyProtocolFrom = b.ProxyProtocolFrom }) == b;

    private static bool SameAdmin(AdminOptions a, AdminOptions b) => (a with { Listen = b.Listen }) == b;

    private static string Uncomment(string line)
    {
        var text = line.TrimStart();
        if (!text.StartsWith("# ", StringComparison.Ordinal)) return line;
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        var name = colon < 0 ? "" : text[2..colon].TrimStart(' ', '-');
        var isKey = name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || c == '_');
        return isKey ? line[..^text.Length] + text[2..] : "";
    }

    private static string Read(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "configs", name);
            if (File.Exists(path)) return File.ReadAllText(path);
        }

        throw new FileNotFoundException(name);
    }
}
