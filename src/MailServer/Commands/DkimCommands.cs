using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Commands;

/// <summary><c>dkim generate|dns|verify</c>, and the commands of <see cref="DkimRotationCommands"/>. File and selector come from <c>domains</c> in the configuration, or are the defaults.</summary>
internal static class DkimCommands
{
    private const string Rsa = "rsa";
    private const string Ed25519 = "ed25519";

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "dkim", "Create, rotate and verify DKIM signing keys.",
        [Generate(factory), Dns(factory), .. DkimRotationCommands.Create(factory), DkimVerifyCommand.Create(factory)]);

    private static Command Generate(CommandFactory factory)
    {
        var domain = DomainOption();
        var selector = SelectorOption();
        var type = new Option<string?>("--type") { Description = "The algorithm. Default: rsa.", HelpName = "rsa|ed25519" };
        type.AcceptOnlyFromAmong(Rsa, Ed25519);
        var force = new Option<bool>("--force") { Description = "Replace an existing key." };
        return factory.Action(
            "generate", "Create a domain's signing key, unless it has one, and print the DNS record to publish.",
            ["dkim generate --domain example.org", "dkim generate --domain example.org --selector ed --type ed25519"], [domain, selector, type, force], (context, _) =>
            {
                var settings = Settings(context, domain, selector);
                var file = settings.DkimKeyFile!;
                var existing = KeysOf(context, domain, selector).Where(static k => File.Exists(k.DkimKeyFile)).ToArray();
                if (existing.Length > 0 && !context.Get(force)) return Task.FromResult(PrintExisting(context, existing, context.Get(type)));
                using var key = context.Get(type) == Ed25519
                    ? DkimKey.GenerateEd25519(settings.Name, settings.DkimSelector)
                    : DkimKey.GenerateRsa(settings.Name, settings.DkimSelector);
                DkimRotationCommands.Open(context).Write(file, key);
                context.WriteLine($"created {file}; publish this record:");
                context.WriteLine(key.DnsRecord.ZoneLine);
                return Task.FromResult(ExitCodes.Success);
            });
    }

    /// <summary>Prints the records of keys that are there already, for example from <c>domain add</c> or a rotation.</summary>
    private static int PrintExisting(CommandContext context, DomainOptions[] existing, string? type)
    {
        var found = new List<(string Algorithm, string Record)>();
        foreach (var settings in existing)
        {
            using var key = ReadKey(settings);
            found.Add((key.Algorithm, key.DnsRecord.ZoneLine));
        }

        var files = string.Join(", ", existing.Select(static k => k.DkimKeyFile));
        if (type is not null && found.TrueForAll(k => !k.Algorithm.StartsWith(type, StringComparison.Ordinal)))
            throw new CommandFailure($"there is a key of another type already: {files}; use --force to replace it, or --selector to add one");
        context.WriteLine($"there is a key already: {files}; 'mailserver dkim rotate {existing[0].Name}' creates its successor. Publish:");
        foreach (var (_, record) in found) context.WriteLine(record);
        return ExitCodes.Success;
    }

    private static Command Dns(CommandFactory factory)
    {
        var domain = DomainOption();
        var selector = SelectorOption();
        return factory.Action(
            "dns", "Print the DNS records of a domain's signing keys, in zone file format.",
            ["dkim dns --domain example.org"], [domain, selector, factory.Json], (context, _) =>
            {
                var listing = new Listing("name", "type", "value");
                foreach (var settings in KeysOf(context, domain, selector))
                {
                    using var key = ReadKey(settings);
                    if (context.WantsJson) listing.Add(key.DnsRecord.Name, "TXT", key.DnsRecord.Value);
                    else context.WriteLine(key.DnsRecord.ZoneLine);
                }

                return Task.FromResult(context.WantsJson ? context.Print(listing) : ExitCodes.Success);
            });
    }

    private static Option<string> DomainOption() => new("--domain") { Description = "The domain.", HelpName = "D", Required = true };

    private static Option<string> SelectorOption() => new("--selector") { Description = "The selector. Default: the configured one.", HelpName = "S" };

    /// <summary>The key of the given selector; without one, all existing keys of the domain, or the configured key if there is none.</summary>
    private static IReadOnlyList<DomainOptions> KeysOf(CommandContext context, Option<string> domain, Option<string> selector)
    {
        var named = Settings(context, domain, selector);
        if (context.Get(selector) is not null) return [named];
        return context.Options.SigningKeys(named.Name) is { Count: > 0 } keys ? keys : [named];
    }

    private static DomainOptions Settings(CommandContext context, Option<string> domain, Option<string> selector)
    {
        var name = CommandContext.Domain(context.Get(domain)!);
        if (context.Get(selector) is not { } other) return context.Options.DomainOrDefault(name);
        if (!ConfigurationValues.Selector.TryRead(other, out var wanted)) throw new CommandFailure($"'{other}' is not {ConfigurationValues.Selector.Allowed}", ExitCodes.Usage);
        var configured = context.Options.DomainOrDefault(name);
        return wanted == configured.DkimSelector ? configured : context.Options.WithSelector(name, wanted);
    }

    private static DkimKey ReadKey(DomainOptions settings)
    {
        var file = settings.DkimKeyFile!;
        if (!File.Exists(file)) throw new CommandFailure($"no key in '{file}'; create it with 'mailserver dkim generate --domain {settings.Name}'");
        try
        {
            return DkimKey.ParsePem(settings.Name, settings.DkimSelector, NamedFile.ReadText(file));
        }
        catch (FormatException e)
        {
            throw new CommandFailure($"'{file}': {e.Message}; 'mailserver dkim generate --domain {settings.Name} --force' replaces it");
        }
    }
}
