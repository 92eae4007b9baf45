using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MailServer.Commands;
using MailServer.Commands.Dav;
using MailServer.Commands.Manual;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Storage.SafeFiles;

namespace MailServer;

/// <summary>The command line: the tree of commands, and how errors are printed.</summary>
public static class CommandLine
{
    // Built once: shared symbols keep a reference to every tree that they were added to.
    private static readonly CommandFactory Factory = new();
    internal static readonly IReadOnlyList<CommandGroup> Groups = Group(Factory);
    private static readonly RootCommand Root = Build(Factory, Groups);

    /// <summary>Runs one command and returns its exit code: 0 on success, 1 on failure (with one line on stderr), 2 on a usage error.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Shell shell, CancellationToken cancel)
    {
        PrivateFile.SetPrivateUmask();
        var parsed = Parse(args);
        var arguments = new CommandArguments(parsed, args, Factory.AllowsEmpty);
        // --help and --version win over any error in the other arguments.
        var isQuestion = parsed.Action is SynchronousCommandLineAction { ClearsParseErrors: true };
        if (!isQuestion && arguments.FindError() is { } fault) return Refuse(shell, arguments, fault);

        try
        {
            return await parsed.InvokeAsync(new ShellInvocation(shell), cancel);
        }
        catch (OutputClosedException e)
        {
            return e.ExitCode;
        }
        catch (CommandFailure e) when (e.ExitCode == ExitCodes.Usage)
        {
            return Refuse(shell, arguments, e.Message);
        }
        catch (CommandFailure e)
        {
            shell.WriteError(arguments.Shorten(e.Message));
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C at a prompt.
            shell.WriteError("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception e)
        {
            Report(shell, arguments, e);
            return ExitCodes.Failed;
        }
    }

    /// <summary>Prints why a command failed: one line, except for faults of the program.</summary>
    private static void Report(Shell shell, CommandArguments arguments, Exception failure)
    {
        switch (failure)
        {
            case ConfigurationException e:
                foreach (var problem in e.Problems) shell.WriteError(arguments.Shorten(problem.ToString()));
                break;
            case DirectoryException e:
                shell.WriteError(arguments.Shorten(e.Message) + Hint(e.Refusal));
                break;
            case UnauthorizedAccessException e:
                shell.WriteError(arguments.Shorten(e.Message.TrimEnd('.')) + (Environment.IsPrivilegedProcess ? "" : "; run this command as root or as the server's user"));
                break;
            case HttpRequestException e:
                // The server ended in the middle of a response.
                shell.WriteError(arguments.Shorten(e.InnerException?.Message ?? e.Message));
                break;
            case IOException or InvalidDataException:
                shell.WriteError(arguments.Shorten(failure.Message));
                break;
            default:
                shell.Terminal.WriteError(failure);
                break;
        }
    }

    /// <summary>The error in the arguments of a command line; null if the command would run.</summary>
    internal static string? FindUsageError(IReadOnlyList<string> args)
    {
        var parsed = Parse(args);
        return parsed.Action is SynchronousCommandLineAction { ClearsParseErrors: true } ? null : new CommandArguments(parsed, args, Factory.AllowsEmpty).FindError();
    }

    // No response files, because @domain is a catch-all alias, and no bundled options.
    private static ParseResult Parse(IReadOnlyList<string> args) => Root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });

    /// <summary>The tree of all commands, for tests.</summary>
    internal static RootCommand Commands => Root;

    /// <summary>Prints a usage error with a pointer to the command's help.</summary>
    private static int Refuse(Shell shell, CommandArguments arguments, string fault)
    {
        shell.WriteError($"{arguments.Shorten(fault)}{(fault.EndsWith('?') ? "" : ";")} see '{arguments.Path} --help'");
        return ExitCodes.Usage;
    }

    private static IReadOnlyList<CommandGroup> Group(CommandFactory factory) => Group(factory, new ManualCommands(factory, static () => Commands, static () => Groups, RunAsync));

    private static IReadOnlyList<CommandGroup> Group(CommandFactory factory, ManualCommands manual) =>
    [
        new("Set up",
        [
            SetupCommand.Create(factory), PreflightCommand.Create(factory), ConfigCommands.Create(factory), DnsCommands.Create(factory), TlsCommands.Create(factory),
            DkimCommands.Create(factory), ServeCommand.Create(factory), LocalServeCommand.Create(factory), MigrateCommand.Create(factory),
        ]),
        new("Accounts", [DomainCommands.Create(factory), UserCommands.Create(factory), SharedCommands.Create(factory), AliasCommands.Create(factory), MailingListCommands.Create(factory), DavCommands.Create(factory)]),
        new("Mail flow",
        [
            QueueCommands.Create(factory), SpfCommand.Create(factory), DmarcCommand.Create(factory), ArcCommand.Create(factory), ReportCommands.Tls(factory),
            TransportSecurityCommands.CreateMtaSts(factory), TransportSecurityCommands.CreateDane(factory), SieveCommands.Create(factory),
            RuleCommands.Create(factory), OutOfOfficeCommands.Create(factory), ForwardingCommands.Create(factory),
        ]),
        new("Watch",
        [
            StatusCommand.Create(factory), DoctorCommand.Create(factory), HistoryCommand.Create(factory), SessionsCommands.Create(factory), MailboxesCommands.Create(factory), ActorsCommands.Create(factory),
            LogCommands.Create(factory), BansCommands.Create(factory), AuditCommand.Create(factory), ClusterCommands.Create(factory),
        ]),
        new("Data",
        [
            BackupCommands.Create(factory), BackupCommands.CreateRestore(factory), ImportCommands.Create(factory), ExportCommand.Create(factory), CheckCommand.Create(factory),
        ]),
        new("Help", [manual.Help(), manual.Completion(), manual.Man(), VersionCommand.Create(factory)]),
    ];

    private static RootCommand Build(CommandFactory factory, IReadOnlyList<CommandGroup> groups)
    {
        var root = new RootCommand("A mail server: IMAP with push, SMTP in and out, calendars and contacts; one server or two.") { factory.Config };
        foreach (var command in groups.SelectMany(static g => g.Commands)) root.Add(command);
        root.Options.OfType<HelpOption>().Single().Action = factory.CreateHelp(groups);
        root.Options.OfType<VersionOption>().Single().Action = VersionCommand.Option();
        return root;
    }

    private static string Hint(DirectoryRefusal refusal) => refusal switch
    {
        DirectoryRefusal.DomainUnknown => "; add it with 'mailserver domain add' or see 'mailserver domain list'",
        DirectoryRefusal.DomainHasAccounts => "; remove them first, or use --force",
        DirectoryRefusal.AccountUnknown => "; see 'mailserver user list'",
        DirectoryRefusal.AppPasswordUnknown or DirectoryRefusal.AppPasswordExists => "; see 'mailserver user app-password list'",
        DirectoryRefusal.AliasUnknown or DirectoryRefusal.AliasTargetUnknown => "; see 'mailserver alias list'",
        DirectoryRefusal.AccountIsShared => "; see 'mailserver shared list'",
        DirectoryRefusal.InvitationUnknown => "; see 'mailserver user invitation list'",
        DirectoryRefusal.AddressIsAlias => "; see 'mailserver alias list'",
        DirectoryRefusal.AddressIsAccount => " and cannot be an alias as well",
        DirectoryRefusal.ListUnknown => "; see 'mailserver lists list'",
        DirectoryRefusal.ListMemberUnknown => "; see 'mailserver lists show'",
        DirectoryRefusal.DomainHasNames => "; see 'mailserver domain list', and end this with 'mailserver domain alias-of NAME none'",
        DirectoryRefusal.DatabaseMissing => "; create it with 'mailserver migrate'",
        _ => "",
    };
}
