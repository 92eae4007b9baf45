using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Hosting;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Commands;

/// <summary><c>dkim generate|dns|verify</c>, and those of <see cref="DkimRotationCommands"/>. File and selector are those of the configuration's <c>domains</c>, or their defaults.</summary>
internal static class DkimCommands
{
    private const string Rsa = "rsa";
    private const string Ed25519 = "ed25519";

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "dkim", "The keys that outgoing mail is signed with, and the signatures of others.",
        [Generate(factory), Dns(factory), .. DkimRotationCommands.Create(factory), DkimVerifyCommand.Create(factory)]);

    private static Command Generate(CommandFactory factory)
    {
        var domain = DomainOption();
        var selector = SelectorOption();
        var type = new Option<string>("--type") { Description = "The algorithm.", HelpName = "rsa|ed25519", DefaultValueFactory = static _ => Rsa };
        type.AcceptOnlyFromAmong(Rsa, Ed25519);
        var force = new Option<bool>("--force") { Description = "Replace a key that is there." };
        return factory.Action(
            "generate", "Makes a domain's signing key and prints the DNS record to publish.",
            ["dkim generate --domain example.org", "dkim generate --domain example.org --selector ed --type ed25519"], [domain, selector, type, force], (context, _) =>
            {
                var settings = Settings(context, domain, selector);
                var file = settings.DkimKeyFile!;
                if (File.Exists(file) && !context.Get(force)) throw new CommandFailure($"there is a key in '{file}' already; --force replaces it");
                using var key = context.Get(type) == Ed25519
                    ? DkimKey.GenerateEd25519(settings.Name, settings.DkimSelector)
                    : DkimKey.GenerateRsa(settings.Name, settings.DkimSelector);
                SecretFile.Write(file, key.ToPem());
                context.Say($"made {file}; publish this record:");
                context.Say(key.DnsRecord.ZoneLine);
                return Task.FromResult(ExitCodes.Done);
            });
    }

    private static Command Dns(CommandFactory factory)
    {
        var domain = DomainOption();
        var selector = SelectorOption();
        return factory.Action(
            "dns", "Prints the DNS records of a domain's signing keys, as lines of a zone file.",
            ["dkim dns --domain example.org"], [domain, selector, factory.Json], (context, _) =>
            {
                var listing = new Listing("name", "type", "value");
                foreach (var settings in KeysOf(context, domain, selector))
                {
                    using var key = ReadKey(settings);
                    if (context.WantsJson) listing.Add(key.DnsRecord.Name, "TXT", key.DnsRecord.Value);
                    else context.Say(key.DnsRecord.ZoneLine);
                }

                return Task.FromResult(context.WantsJson ? context.Print(listing) : ExitCodes.Done);
            });
    }

    private static Option<string> DomainOption() => new("--domain") { Description = "The domain.", HelpName = "D", Required = true };

    private static Option<string> SelectorOption() => new("--selector") { Description = "The selector, if not the configured one.", HelpName = "S" };

    /// <summary>The key of the selector that is named; otherwise all there are, or the one that should be there.</summary>
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
        if (!File.Exists(file)) throw new CommandFailure($"there is no key in '{file}'; make it with 'mailserver dkim generate --domain {settings.Name}'");
        try
        {
            return DkimKey.ParsePem(settings.Name, settings.DkimSelector, File.ReadAllText(file));
        }
        catch (FormatException e)
        {
            throw new CommandFailure($"'{file}': {e.Message}");
        }
    }
}
