using System.CommandLine;
using MailServer.Common;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Hosting;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>setup</c>: prepares a new server for its first start and prints the DNS records to publish.</summary>
internal static class SetupCommand
{
    // The addresses of a domain that other servers and their administrators write to.
    private static readonly string[] Roles = ["postmaster", "abuse", "hostmaster", "security"];

    public static Command Create(CommandFactory factory)
    {
        var answers = new SetupPrompts();
        return factory.Action(
            "setup", "Set up a new server: configuration, keys, first domain and user. Prompts for anything not given as an option. Prints the DNS records to publish.",
            [
                "setup",
                "setup --non-interactive --domain example.org --user anna@example.org --page --password-stdin < secret",
                "setup --non-interactive --hostname mx1.example.org --domain example.org --user anna@example.org --no-certificates --config ./config.yaml --data-dir ./data --password-stdin",
            ],
            [.. answers.Options], (context, cancel) => RunAsync(context, answers, cancel));
    }

    private static async Task<int> RunAsync(CommandContext context, SetupPrompts answers, CancellationToken cancel)
    {
        var plan = await answers.ReadAsync(context, cancel);
        if (File.Exists(context.ConfigPath) && !plan.Force)
            throw new CommandFailure($"{context.ConfigPath} already exists; use --force to replace it (domains, users and mail are kept)");
        SetupFiles.WriteConfiguration(context.ConfigPath, plan);
        context.WriteLine($"wrote {context.ConfigPath}");
        MigrateCommand.Run(context);
        var isPasswordSet = await FillDirectoryAsync(context, plan, cancel);
        MakeKeys(context, plan.Domain);
        if (plan.Owner is { } owner) await SetupFiles.ChangeOwnerAsync(context, owner, cancel);
        if (plan.SystemdUnit is { } unit) SetupFiles.WriteUnit(context, unit);
        Conclude(context, plan);
        return isPasswordSet
            ? ExitCodes.Success
            : throw new CommandFailure($"{plan.User} existed already and keeps its password; 'mailserver user passwd {plan.User}' changes it");
    }

    /// <summary>Adds the domain and the user if they do not exist, so that the command can be repeated. Returns whether the password that was given is the user's.</summary>
    private static async Task<bool> FillDirectoryAsync(CommandContext context, SetupPlan plan, CancellationToken cancel)
    {
        using var directory = context.OpenDirectory();
        var administration = directory.Administration;
        var isNew = !await directory.IsHostedAsync(plan.Domain, cancel);
        if (isNew) await administration.AddDomainAsync(plan.Domain, cancel);
        context.WriteLine(isNew ? $"added {plan.Domain}" : $"{plan.Domain} is already hosted");
        var existing = await directory.FindLoginAsync(plan.User, cancel);
        if (existing is not null) context.WriteLine($"{plan.User} already exists");
        else
        {
            await administration.AddAccountAsync(plan.User, context.CreateHasher().Hash(plan.Password()), cancel);
            context.WriteLine($"added {plan.User}");
        }

        if (plan.HasPage) await administration.SetAdminAsync(plan.User, admin: true, cancel);
        await NameRolesAsync(context, directory, plan, cancel);
        return existing is null || !plan.IsPasswordGiven || PasswordHasher.Verify(plan.Password(), existing.PasswordHash);
    }

    /// <summary>Names the addresses that lead to the user without having been added, such as postmaster.</summary>
    private static async Task NameRolesAsync(CommandContext context, IDirectory directory, SetupPlan plan, CancellationToken cancel)
    {
        var led = new List<string>();
        foreach (var role in Roles.Select(local => EmailAddress.Parse($"{local}@{plan.Domain}")))
            if (!role.Equals(plan.User) && await directory.ResolveAsync(role, cancel) is RecipientResolution.Local) led.Add(role.ToString());
        if (led.Count > 0) context.WriteLine($"{plan.User} also receives mail for {string.Join(" and ", led)}");
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
            context.WriteLine($"created {settings.DkimKeyFile}");
        }
    }

    private static void Conclude(CommandContext context, SetupPlan plan)
    {
        context.WriteLine("");
        context.WriteLine($"Publish these records in the zone of {plan.Domain}, and set the reverse DNS (PTR) record of the server's IP address to {plan.Hostname}:");
        context.WriteLine("");
        foreach (var record in DomainRecords.RecordsOf(context.Options, plan.Domain, mode: null)) context.WriteLine(record.ZoneLine);
        context.WriteLine("");
        var config = $"--config {context.ConfigPath}";
        context.WriteLine($"""
            Then:
              mailserver preflight {config}
              mailserver dns check {plan.Domain} {config}
              {(plan.SystemdUnit is null ? $"mailserver serve {config}" : "systemctl daemon-reload && systemctl enable --now mailserver")}
            """);
        if (!plan.HasPage) return;
        var port = context.Options.Admin.Port;
        context.WriteLine($"""

            The web page is http://127.0.0.1:{port}/ on this machine; {plan.User.ToString()} is its administrator. From elsewhere:
              ssh -L {port}:127.0.0.1:{port} {plan.Hostname}
            """);
    }
}
