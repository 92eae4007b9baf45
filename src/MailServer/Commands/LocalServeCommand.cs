using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Addresses;
using MailServer.Hosting;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>localserve</c>: a complete demo server on loopback with two users. Needs neither configuration nor root.</summary>
internal static class LocalServeCommand
{
    private const string DemoDomain = "example.test";
    private const string ConfigName = "config.localserve.yaml";

    // The ports in the configuration are those of this base.
    private const int UsualBase = 2000;

    private static readonly (string Address, string Password)[] DemoAccounts = [("alice@example.test", "alice-demo"), ("bob@example.test", "bob-demo")];

    private static readonly Option<string> DataDir = new("--data-dir")
    {
        Description = "The directory for mail and settings, kept between runs.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "localserve-data",
    };

    private static readonly Option<int> BasePort = new("--base-port")
    {
        Description = "Added to each port: SMTP is BASE + 25, IMAP over TLS BASE + 993, and so on.",
        HelpName = "BASE",
        DefaultValueFactory = _ => UsualBase,
    };

    public static Command Create(CommandFactory factory) => factory.Action(
        "localserve", "Run a demo server on 127.0.0.1 with two users. It uses a self-signed certificate. The first user is the administrator of the web page.",
        ["localserve", "localserve --data-dir /tmp/mail --base-port 12000"], [DataDir, BasePort], RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        var options = Options(context);
        context.WriteLine($"starting; the data is in {options.Storage.DataDir}");
        await context.FlushAsync(cancel);
        await PrepareAsync(context, options, cancel);
        return await ServerHost.RunAsync(options, () => Introduce(context.Shell, options), cancel);
    }

    private static MailServerOptions Options(CommandContext context)
    {
        var dataDir = Path.GetFullPath(context.Get(DataDir)!);
        var port = context.Get(BasePort);
        if (port is < 0 or > 64_000) throw new CommandFailure("--base-port must be between 0 and 64000", ExitCodes.Usage);
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "configs", ConfigName));
        var loaded = ConfigurationLoader.Parse(text, ConfigName, context.Shell.Environment);
        if (loaded.Problems.Any(static p => !p.IsWarning)) throw new ConfigurationException([.. loaded.Problems]);
        var options = Move(loaded.Options, port - UsualBase) with
        {
            Storage = new StorageOptions { DataDir = dataDir },
            Logging = loaded.Options.Logging with { Output = Path.Combine(dataDir, "server.log") },
        };
        var problems = new List<ConfigurationProblem>();
        ConfigurationRules.Check(ConfigurationRules.Errors, options, "localserve", static _ => 0, problems);
        return problems.Count == 0 ? options : throw new ConfigurationException(problems);
    }

    /// <summary>Adds to every port.</summary>
    private static MailServerOptions Move(MailServerOptions options, int by)
    {
        var server = options.Server;
        return options with
        {
            Server = server with
            {
                SmtpPort = server.SmtpPort + by,
                SubmissionPort = server.SubmissionPort + by,
                SmtpsPort = server.SmtpsPort + by,
                ImapPort = server.ImapPort + by,
                ImapsPort = server.ImapsPort + by,
                ManagesievePort = server.ManagesievePort + by,
                DavPort = server.DavPort + by,
            },
            Admin = options.Admin with { Port = options.Admin.Port + by },
        };
    }

    /// <summary>On the first run, does the work of <c>migrate</c>, <c>domain add</c>, <c>user add</c> and <c>user admin grant</c>; later runs change nothing.</summary>
    private static async Task PrepareAsync(CommandContext context, MailServerOptions options, CancellationToken cancel)
    {
        DataFolder.Create(options.Storage.MaildirPath);
        DataFolder.Create(options.Storage.SpoolPath);
        using var store = DirectoryStore.Open(options.Storage.DatabasePath, create: true, context.Shell.Time, audit: null, new AccountFolders(options.Storage.MaildirPath));
        if ((await store.Administration.ListDomainsAsync(cancel)).Count > 0) return;
        await store.Administration.AddDomainAsync(DemoDomain, cancel);
        var hasher = new PasswordHasher(options.Security.HasherOptions);
        foreach (var (address, password) in DemoAccounts)
            await store.Administration.AddAccountAsync(EmailAddress.Parse(address), hasher.Hash(password), cancel);
        await store.Administration.SetAdminAsync(EmailAddress.Parse(DemoAccounts[0].Address), admin: true, cancel);
    }

    private static void Introduce(Shell shell, MailServerOptions options)
    {
        var server = options.Server;
        var accounts = new Listing("address and login", "password");
        foreach (var (address, password) in DemoAccounts) accounts.Add(address, password);
        var ports = new Listing("service", "port", "security");
        ports.Add("SMTP, incoming", server.SmtpPort, "STARTTLS (optional)");
        ports.Add("SMTP, submission", server.SubmissionPort, "STARTTLS");
        ports.Add("SMTP, submission", server.SmtpsPort, "TLS");
        ports.Add("IMAP", server.ImapPort, "STARTTLS");
        ports.Add("IMAP", server.ImapsPort, "TLS");
        ports.Add("mail rules (ManageSieve)", server.ManagesievePort, "STARTTLS");
        ports.Add("calendars, contacts, files", server.DavPort, "TLS");
        ports.Add("web page", options.Admin.Port, "none (http)");
        shell.Terminal.WriteLine("Accounts:");
        accounts.Write(shell, json: false);
        shell.Terminal.WriteLine("Ports on 127.0.0.1:");
        ports.Write(shell, json: false);
        var (alice, password1) = DemoAccounts[0];
        var bob = DemoAccounts[1].Address;
        shell.Terminal.WriteLine($"""
            Web page: http://127.0.0.1:{options.Admin.Port}/ (sign in as {alice}, its administrator, or as {bob})

            Commands to try:
              swaks --server 127.0.0.1:{server.SmtpPort} --from you@example.org --to {alice}
              swaks --server 127.0.0.1:{server.SubmissionPort} -tls --auth PLAIN --auth-user {alice} --auth-password {password1} --from {alice} --to {bob}
              curl -k --user {alice}:{password1} 'imaps://127.0.0.1:{server.ImapsPort}/INBOX;MAILINDEX=1'
              openssl s_client -crlf -connect 127.0.0.1:{server.ImapsPort}

            Thunderbird: add {alice} manually; IMAP 127.0.0.1:{server.ImapsPort} SSL/TLS, SMTP 127.0.0.1:{server.SmtpsPort} SSL/TLS,
            "normal password"; confirm the self-signed certificate once for each.

            Data and log: {options.Storage.DataDir}. Press Ctrl-C to stop; the data is kept.
            """);
        shell.Terminal.Flush();
    }
}
