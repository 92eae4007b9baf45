using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Addresses;
using Spectre.Console;

namespace MailServer.Commands;

/// <summary>The decisions that <c>setup</c> carries out.</summary>
/// <param name="Hostname">The server's fully qualified name.</param>
/// <param name="Domain">The first domain.</param>
/// <param name="User">The first user.</param>
/// <param name="Password">Returns the password of a new user, or the one that was given for an existing user.</param>
internal sealed record SetupPlan(string Hostname, string Domain, EmailAddress User, Func<string> Password)
{
    /// <summary>Whether an option or stdin gives the password; otherwise a new user is asked for it.</summary>
    public bool IsPasswordGiven { get; init; }

    /// <summary>Whether the web page is enabled, with the first user as its administrator.</summary>
    public bool HasPage { get; init; }

    /// <summary>The contact address for the certificate authority; null: no certificates are ordered.</summary>
    public string? CertificateContact { get; init; }

    public string? RelayHost { get; init; }

    public required string DataDir { get; init; }

    /// <summary>The system user that owns the data; null: the current user.</summary>
    public string? Owner { get; init; }

    public string? SystemdUnit { get; init; }

    public bool Force { get; init; }
}

/// <summary>The options of <c>setup</c>, and the prompts for those not given.</summary>
internal sealed class SetupPrompts
{
    private const string ServiceUser = "mailserver";
    private const string UnitFile = "/etc/systemd/system/mailserver.service";

    private readonly Option<bool> _silent = new("--non-interactive") { Description = "Never prompt: options not given use their default, or the command fails." };
    private readonly Option<string> _domain = new("--domain") { Description = "The domain to receive mail for.", HelpName = "D" };
    private readonly Option<string> _hostname = new("--hostname") { Description = "The server's fully qualified host name. Default: mail.DOMAIN.", HelpName = "NAME" };
    private readonly Option<string> _user = new("--user") { Description = "The address of the first user, who also receives mail for postmaster.", HelpName = "ADDRESS" };
    private readonly Option<bool> _noCertificates = new("--no-certificates") { Description = "Do not order certificates; use a self-signed one until tls.cert_file is set." };
    private readonly Option<string> _contact = new("--contact") { Description = "The contact address for the certificate authority. Default: the first user's address.", HelpName = "ADDRESS" };
    private readonly Option<string> _relay = new("--relay") { Description = "The smarthost for outgoing mail. Default: deliver directly to the recipients' mail servers.", HelpName = "HOST[:PORT]" };
    private readonly Option<string> _data = new("--data-dir") { Description = "The directory for mail and keys.", HelpName = "DIR", DefaultValueFactory = static _ => "/var/lib/mailserver" };
    private readonly Option<string> _owner = new("--owner") { Description = "The system user that the server runs as. Default: 'mailserver' if run by root and that user exists.", HelpName = "USER" };
    private readonly Option<string> _unit = new("--systemd-unit") { Description = "Write the systemd unit to this file.", HelpName = "FILE" };
    private readonly Option<bool> _page = new("--page") { Description = "Enable the web page, on a port of this machine only, and make the first user its administrator." };
    private readonly Option<bool> _force = new("--force") { Description = "Replace an existing configuration file." };
    private readonly PasswordSource _password = new();

    public IEnumerable<Symbol> Options =>
        [_silent, _domain, _hostname, _user, .. _password.Options, _contact, _noCertificates, _relay, _page, _data, _owner, _unit, _force];

    public async Task<SetupPlan> ReadAsync(CommandContext context, CancellationToken cancel)
    {
        var console = Console(context);
        var domain = CommandContext.Domain(context.Get(_domain) ?? await AskAsync(console, "The [bold]domain[/] to receive mail for", null, "--domain", cancel));
        var hostname = context.Get(_hostname) ?? (console is null ? "mail." + domain : await AskAsync(console, "The full [bold]host name of this server[/]", "mail." + domain, "--hostname", cancel));
        var user = CommandContext.Address(context.Get(_user) ?? await AskAsync(console, "The [bold]address of the first user[/]", null, "--user", cancel));
        if (user.Domain != domain) throw new CommandFailure($"{user} is not in {domain}", ExitCodes.Usage);
        var certificates = !context.Get(_noCertificates) && (console is null || await ConfirmAsync(console, "Get [bold]certificates[/] from Let's Encrypt? This accepts its terms of service; ports 80 and 443 must be reachable from the Internet", cancel));
        if (context.Get(_relay) is { } relay && !ConfigurationValues.Host.TryRead(relay, out _)) throw new CommandFailure($"'{relay}' is not {ConfigurationValues.Host.Allowed}", ExitCodes.Usage);
        var page = context.Get(_page) || (console is not null && await ConfirmAsync(console, "Enable the [bold]web page[/] for users and administrators, on a port of this machine only?", cancel));
        var unit = context.Get(_unit);
        if (unit is null && console is not null && Directory.Exists(Path.GetDirectoryName(UnitFile)) && await ConfirmAsync(console, $"Write the systemd unit to [bold]{UnitFile}[/]?", cancel)) unit = UnitFile;
        // A password that is given is checked before anything is written.
        var given = _password.IsGiven(context) ? _password.Read(context, user) : null;
        return new SetupPlan(CommandContext.Domain(hostname), domain, user, () => given ?? _password.Read(context, user))
        {
            IsPasswordGiven = given is not null,
            HasPage = page,
            CertificateContact = certificates ? CommandContext.Address(context.Get(_contact) ?? user.ToString()).ToString() : null,
            RelayHost = context.Get(_relay),
            DataDir = Path.GetFullPath(context.Get(_data)!),
            Owner = context.Get(_owner) ?? (Environment.IsPrivilegedProcess && SetupFiles.UserExists(ServiceUser) ? ServiceUser : null),
            SystemdUnit = unit,
            Force = context.Get(_force),
        };
    }

    /// <summary>The console for prompts; null with <c>--non-interactive</c>.</summary>
    private IAnsiConsole? Console(CommandContext context)
    {
        if (context.Get(_silent)) return null;
        if (context.Shell.PromptSecret is null) throw new CommandFailure("no terminal to prompt on; use --non-interactive with the options shown by --help", ExitCodes.Usage);
        return context.Shell.Terminal.Console;
    }

    private static async Task<string> AskAsync(IAnsiConsole? console, string question, string? usual, string option, CancellationToken cancel)
    {
        if (console is null) throw new CommandFailure($"{option} is required with --non-interactive", ExitCodes.Usage);
        var prompt = new TextPrompt<string>(question + ":");
        return await (usual is null ? prompt : prompt.DefaultValue(usual)).ShowAsync(console, cancel);
    }

    private static Task<bool> ConfirmAsync(IAnsiConsole console, string question, CancellationToken cancel) => new ConfirmationPrompt(question).ShowAsync(console, cancel);
}
