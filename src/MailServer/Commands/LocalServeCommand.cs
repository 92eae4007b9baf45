using System.CommandLine;
using System.Net;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>localserve</c>: a complete demo server on loopback with two users. Needs neither configuration nor root.</summary>
internal static class LocalServeCommand
{
    private const string DemoDomain = "example.test";
    private const string ConfigName = "config.localserve.yaml";
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
        DefaultValueFactory = _ => 2000,
    };

    public static Command Create(CommandFactory factory) => factory.Action(
        "localserve", "Run a demo server on 127.0.0.1 with two users. It uses a self-signed certificate.",
        ["localserve", "localserve --data-dir /tmp/mail --base-port 12000"], [DataDir, BasePort], RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        var options = Options(context);
        await PrepareAsync(context, options, cancel);
        return await ServeCommand.RunAsync(options, () => Introduce(context.Shell, options), cancel);
    }

    private static MailServerOptions Options(CommandContext context)
    {
        var dataDir = Path.GetFullPath(context.Get(DataDir)!);
        var port = context.Get(BasePort);
        if (port is < 0 or > 64_000) throw new CommandFailure("--base-port must be between 0 and 64000", ExitCodes.Usage);
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "configs", ConfigName));
        var loaded = ConfigurationLoader.Parse(text, ConfigName, context.Shell.Environment);
        if (loaded.Problems.Any(static p => !p.IsWarning)) throw new ConfigurationException([.. loaded.Problems]);
        var options = loaded.Options with
        {
            Server = loaded.Options.Server with
            {
                Listen = [IPAddress.Loopback],
                SmtpPort = port + 25,
                SubmissionPort = port + 587,
                SmtpsPort = port + 465,
                ImapPort = port + 143,
                ImapsPort = port + 993,
                DavPort = port + 443,
            },
            Storage = new StorageOptions { DataDir = dataDir },
            Admin = loaded.Options.Admin with { Port = port + 80 },
            Logging = loaded.Options.Logging with { Output = Path.Combine(dataDir, "server.log") },
        };
        var problems = new List<ConfigurationProblem>();
        ConfigurationRules.Check(ConfigurationRules.Errors, options, "localserve", static _ => 0, problems);
        return problems.Count == 0 ? options : throw new ConfigurationException(problems);
    }

    /// <summary>On the first run, does the work of <c>migrate</c>, <c>domain add</c> and <c>user add</c>; later runs change nothing.</summary>
    private static async Task PrepareAsync(CommandContext context, MailServerOptions options, CancellationToken cancel)
    {
        Directory.CreateDirectory(options.Storage.MaildirPath);
        Directory.CreateDirectory(options.Storage.SpoolPath);
        using var store = DirectoryStore.Open(options.Storage.DatabasePath, create: true, context.Shell.Time, audit: null, new AccountFolders(options.Storage.MaildirPath));
        if ((await store.Administration.ListDomainsAsync(cancel)).Count > 0) return;
        await store.Administration.AddDomainAsync(DemoDomain, cancel);
        var hasher = new PasswordHasher(options.Security.HasherOptions);
        foreach (var (address, password) in DemoAccounts)
            await store.Administration.AddAccountAsync(EmailAddress.Parse(address), hasher.Hash(password), cancel);
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
        ports.Add("calendars, contacts, files", server.DavPort, "TLS");
        ports.Add("web page", options.Admin.Port, "none (http)");
        shell.Terminal.WriteLine("Accounts:");
        accounts.Write(shell, json: false);
        shell.Terminal.WriteLine("Ports on 127.0.0.1:");
        ports.Write(shell, json: false);
        var (alice, password1) = DemoAccounts[0];
        var bob = DemoAccounts[1].Address;
        shell.Terminal.WriteLine($"""
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
