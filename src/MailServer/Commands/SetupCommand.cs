using System.CommandLine;
using MailServer.Common;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Hosting;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>setup</c>: prepares a new server for its first start and prints the DNS records to publish.</summary>
internal static class SetupCommand
{
    public static Command Create(CommandFactory factory)
    {
        var answers = new SetupAnswers();
        return factory.Action(
            "setup", "Set up a new server: configuration, keys, first domain and user. Prompts for anything not given as an option. Prints the DNS records to publish.",
            [
                "setup",
                "setup --non-interactive --domain example.org --user anna@example.org --password-stdin < secret",
                "setup --non-interactive --hostname mx1.example.org --domain example.org --user anna@example.org --no-certificates --config ./config.yaml --data-dir ./data --password-stdin",
            ],
            [.. answers.Options], (context, cancel) => RunAsync(context, answers, cancel));
    }

    private static async Task<int> RunAsync(CommandContext context, SetupAnswers answers, CancellationToken cancel)
    {
        var plan = await answers.ReadAsync(context, cancel);
        if (File.Exists(context.ConfigPath) && !plan.Force)
            throw new CommandFailure($"{context.ConfigPath} already exists; use --force to replace it (domains, users and mail are kept)");
        SetupFiles.WriteConfiguration(context.ConfigPath, plan);
        context.Say($"wrote {context.ConfigPath}");
        MigrateCommand.Run(context);
        await FillDirectoryAsync(context, plan, cancel);
        MakeKeys(context, plan.Domain);
        if (plan.Owner is { } owner) await SetupFiles.GiveAsync(context, owner, cancel);
        if (plan.SystemdUnit is { } unit) SetupFiles.WriteUnit(context, unit);
        Conclude(context, plan);
        return ExitCodes.Done;
    }

    /// <summary>Adds the domain and the user if they do not exist, so that the command can be repeated.</summary>
    private static async Task FillDirectoryAsync(CommandContext context, SetupPlan plan, CancellationToken cancel)
    {
        using var directory = context.OpenDirectory();
        var administration = directory.Administration;
        var isNew = !await directory.IsHostedAsync(plan.Domain, cancel);
        if (isNew) await administration.AddDomainAsync(plan.Domain, cancel);
        context.Say(isNew ? $"added {plan.Domain}" : $"{plan.Domain} is already hosted");
        if (await directory.ResolveAsync(plan.User, cancel) is not RecipientResolution.Unknown) context.Say($"{plan.User} already exists");
        else
        {
            await administration.AddAccountAsync(plan.User, new PasswordHasher(context.Options.Security.HasherOptions).Hash(plan.Password()), cancel);
            context.Say($"added {plan.User}");
        }
    }

    private static void MakeKeys(CommandContext context, string domain)
    {
        // Two keys, because older verifiers support only RSA (RFC 8463 §3).
        const string Ed25519Selector = "ed";
        var rsa = context.Options.DomainOrDefault(domain);
        var ed = context.Options.WithSelector(domain, Ed25519Selector);
        foreach (var (settings, isRsa) in new[] { (rsa, true), (ed, false) })
        {
            if (File.Exists(settings.DkimKeyFile)) continue;
            using var key = isRsa ? DkimKey.GenerateRsa(domain, settings.DkimSelector) : DkimKey.GenerateEd25519(domain, settings.DkimSelector);
            SecretFile.Write(settings.DkimKeyFile!, key.ToPem());
            context.Say($"created {settings.DkimKeyFile}");
        }
    }

    private static void Conclude(CommandContext context, SetupPlan plan)
    {
        context.Say("");
        context.Say($"Publish these records in the zone of {plan.Domain}, and set the reverse DNS (PTR) record of the server's IP address to {plan.Hostname}:");
        context.Say("");
        foreach (var record in Zones.RecordsOf(context.Options, plan.Domain)) context.Say(record.ZoneLine);
        context.Say("");
        var config = $"--config {context.ConfigPath}";
        context.Say($"""
            Then:
              mailserver preflight {config}
              mailserver dns check {plan.Domain} {config}
              {(plan.SystemdUnit is null ? $"mailserver serve {config}" : "systemctl enable --now mailserver")}
            """);
    }
}
