using System.CommandLine;
using MailServer.Common;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary>Where a command gets a new password from: an option, a line of stdin, or the terminal, asked twice without echo.</summary>
internal sealed class PasswordSource
{
    public Option<string> Password { get; } = new("--password") { Description = "The password. Other users of this machine may see it in the process list.", HelpName = "P" };

    public Option<bool> FromStdin { get; } = new("--password-stdin") { Description = "Read the password from the first line of stdin." };

    public string Read(CommandContext context, string address)
    {
        var password = context.Get(Password);
        if (password is not null && context.Get(FromStdin)) throw new CommandFailure("--password and --password-stdin exclude each other", ExitCodes.Usage);
        password ??= context.Get(FromStdin) ? context.Shell.In.ReadLine() ?? "" : Ask(context.Shell, address);
        if (PasswordHasher.IsAcceptable(password)) return password;
        throw new CommandFailure(password.Length == 0
            ? "the password is empty"
            : $"the password cannot be used: at most {PasswordHasher.MaxPasswordLength} octets, no control characters");
    }

    private static string Ask(Shell shell, string address)
    {
        if (shell.AskSecret is not { } ask) throw new CommandFailure("there is no terminal to ask for the password; use --password-stdin", ExitCodes.Usage);
        var first = ask($"New password for {address}: ") ?? throw new CommandFailure("no password given");
        return ask("Again: ") == first ? first : throw new CommandFailure("the two passwords differ");
    }
}
