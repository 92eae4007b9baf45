using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.ManageSieve.Decoding;
using MailServer.Protocol.ManageSieve.Writing;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>The commands about scripts. Everything that is stored or activated was checked before.</summary>
internal static class ScriptCommands
{
    private const int MostErrors = 20;

    /// <summary>HAVESPACE (RFC 5804 §2.5). A script of the same name counts as replaced.</summary>
    public static IEnumerable<ManageSieveEffect> HaveSpace(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (!TryName(session, words[1], out var name)) yield break;
        if (!long.TryParse(words[2].Octets, NumberStyles.None, CultureInfo.InvariantCulture, out var size)) size = long.MaxValue;
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ListScripts());
        if (session.Reply is MailboxReply.Scripts { All: var scripts } && ScriptSpace.Check(scripts, name, size, session.Limits) is var refusal)
            session.Say(refusal is { } reason ? ManageSieveResult.From(reason) : ManageSieveResult.Ok("There is space"));
        else
            Refuse(session);
    }

    /// <summary>PUTSCRIPT (RFC 5804 §2.6). A script with errors is not stored.</summary>
    public static IEnumerable<ManageSieveEffect> Put(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (!TryName(session, words[1], out var name) || !TryCheck(session, words[2].Octets, out var compiled)) yield break;
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.PutScript(name, words[2].Octets));
        if (session.Reply is MailboxReply.Done)
        {
            // Its includes may come later, so a missing one is no error.
            yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ListScripts());
            session.Say(Accepted(compiled!, "Stored", session.Reply));
        }
        else
        {
            Refuse(session);
        }
    }

    /// <summary>CHECKSCRIPT (RFC 5804 §2.12): the answer of PUTSCRIPT without a change.</summary>
    public static IEnumerable<ManageSieveEffect> Check(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (!TryCheck(session, words[1].Octets, out var compiled)) yield break;
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ListScripts());
        session.Say(Accepted(compiled!, "The script has no errors", session.Reply));
    }

    /// <summary>LISTSCRIPTS (RFC 5804 §2.7).</summary>
    public static IEnumerable<ManageSieveEffect> List(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ListScripts());
        if (session.Reply is not MailboxReply.Scripts { All: var scripts })
        {
            Refuse(session);
            yield break;
        }

        foreach (var script in scripts)
        {
            session.Output.WriteString(script.Name);
            if (script.IsActive) session.Output.WriteAscii(" ACTIVE");
            session.Output.EndLine();
        }

        session.Say(ManageSieveResult.Ok("Listed"));
    }

    /// <summary>SETACTIVE (RFC 5804 §2.8); an empty name is none. A script that cannot run, because it was changed on the disk, is refused.</summary>
    public static IEnumerable<ManageSieveEffect> SetActive(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        string? name = null;
        if (words[1].Octets.Length > 0)
        {
            if (!TryName(session, words[1], out name)) yield break;
            yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ReadScript(name));
            if (session.Reply is not MailboxReply.Script { Text: var text })
            {
                Refuse(session);
                yield break;
            }

            if (!TryCheck(session, text.ToArray(), out _)) yield break;
        }

        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ActivateScript(name));
        Conclude(session, name is null ? "No script is active" : "Activated");
    }

    /// <summary>GETSCRIPT (RFC 5804 §2.9).</summary>
    public static IEnumerable<ManageSieveEffect> Get(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (!TryName(session, words[1], out var name)) yield break;
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.ReadScript(name));
        if (session.Reply is not MailboxReply.Script { Text: var text })
        {
            Refuse(session);
            yield break;
        }

        session.Output.WriteLiteral(text.Span);
        session.Output.EndLine();
        session.Say(ManageSieveResult.Ok("Sent"));
    }

    /// <summary>DELETESCRIPT (RFC 5804 §2.10).</summary>
    public static IEnumerable<ManageSieveEffect> Delete(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (!TryName(session, words[1], out var name)) yield break;
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.DeleteScript(name));
        Conclude(session, "Deleted");
    }

    /// <summary>RENAMESCRIPT (RFC 5804 §2.11.1). The active script stays active.</summary>
    public static IEnumerable<ManageSieveEffect> Rename(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (!TryName(session, words[1], out var from) || !TryName(session, words[2], out var to)) yield break;
        yield return new ManageSieveEffect.RequestMailbox(new MailboxRequest.RenameScript(from, to));
        Conclude(session, "Renamed");
    }

    private static bool TryName(ManageSieveSession session, CommandArgument word, out string name)
    {
        if (word.TryRead(out name) && StoredScript.IsName(name)) return true;
        session.Refuse(ManageSieveResult.InvalidName);
        return false;
    }

    private static bool TryCheck(ManageSieveSession session, byte[] script, out SieveCompilation? compiled)
    {
        compiled = null;
        if (script.Length > session.Limits.ScriptSize)
        {
            session.Refuse(ManageSieveResult.From(MailboxRefusal.ScriptTooLarge));
            return false;
        }

        compiled = SieveScript.Compile(script, SieveLimits.Default);
        if (compiled.Errors.Count == 0) return true;
        session.Refuse(ManageSieveResult.No(TextOf(compiled.Errors)));
        return false;
    }

    private static ManageSieveResult Accepted(SieveCompilation compiled, string text, MailboxReply? reply)
    {
        var warnings = SieveWarnings.Of(compiled, reply is MailboxReply.Scripts { All: var scripts } ? [.. scripts.Select(static s => s.Name)] : null);
        return warnings.Count == 0 ? ManageSieveResult.Ok(text) : ManageSieveResult.Ok(TextOf(warnings), "WARNINGS");
    }

    private static string TextOf(IReadOnlyList<SieveError> errors) => string.Join("\r\n", errors.Take(MostErrors).Select(static e => e.ToSentence()));

    private static void Conclude(ManageSieveSession session, string text)
    {
        if (session.Reply is MailboxReply.Done) session.Say(ManageSieveResult.Ok(text));
        else Refuse(session);
    }

    private static void Refuse(ManageSieveSession session) =>
        session.Refuse(session.Reply is MailboxReply.Refused { Reason: var reason } ? ManageSieveResult.From(reason) : ManageSieveResult.Unavailable);
}
