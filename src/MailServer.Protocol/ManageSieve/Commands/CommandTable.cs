using System.Text;
using MailServer.Protocol.ManageSieve.Decoding;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>All commands (RFC 5804 §2).</summary>
internal static class CommandTable
{
    private static readonly Dictionary<string, ManageSieveCommand> Commands = new[]
    {
        new ManageSieveCommand("AUTHENTICATE", [ParameterKind.Text, ParameterKind.OptionalText], false, "AUTHENTICATE \"mechanism\" [\"initial response\"]", AuthenticateCommand.Run),
        new ManageSieveCommand("UNAUTHENTICATE", [], true, "UNAUTHENTICATE", SessionCommands.Unauthenticate),
        new ManageSieveCommand("STARTTLS", [], false, "STARTTLS", SessionCommands.StartTls),
        new ManageSieveCommand("LOGOUT", [], false, "LOGOUT", SessionCommands.Logout),
        new ManageSieveCommand("CAPABILITY", [], false, "CAPABILITY", SessionCommands.Capability),
        new ManageSieveCommand("NOOP", [ParameterKind.OptionalText], false, "NOOP [\"tag\"]", SessionCommands.Noop),
        new ManageSieveCommand("HAVESPACE", [ParameterKind.Text, ParameterKind.Number], true, "HAVESPACE \"name\" size", ScriptCommands.HaveSpace),
        new ManageSieveCommand("PUTSCRIPT", [ParameterKind.Text, ParameterKind.Text], true, "PUTSCRIPT \"name\" {n+}", ScriptCommands.Put),
        new ManageSieveCommand("CHECKSCRIPT", [ParameterKind.Text], true, "CHECKSCRIPT {n+}", ScriptCommands.Check),
        new ManageSieveCommand("LISTSCRIPTS", [], true, "LISTSCRIPTS", ScriptCommands.List),
        new ManageSieveCommand("SETACTIVE", [ParameterKind.Text], true, "SETACTIVE \"name\" (\"\" for none)", ScriptCommands.SetActive),
        new ManageSieveCommand("GETSCRIPT", [ParameterKind.Text], true, "GETSCRIPT \"name\"", ScriptCommands.Get),
        new ManageSieveCommand("DELETESCRIPT", [ParameterKind.Text], true, "DELETESCRIPT \"name\"", ScriptCommands.Delete),
        new ManageSieveCommand("RENAMESCRIPT", [ParameterKind.Text, ParameterKind.Text], true, "RENAMESCRIPT \"old name\" \"new name\"", ScriptCommands.Rename),
    }.ToDictionary(static c => c.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>All commands.</summary>
    public static IEnumerable<ManageSieveCommand> All => Commands.Values;

    /// <summary>The command that a line begins with; null if there is none.</summary>
    public static ManageSieveCommand? Find(DecodedCommand line) =>
        line.Words is [{ Kind: ArgumentKind.Atom } name, ..] ? Commands.GetValueOrDefault(Encoding.ASCII.GetString(name.Octets)) : null;
}
