using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary>The tags that say where a message or a copy is stored, and how (RFC 5232, RFC 5490, RFC 8579, RFC 9042).</summary>
internal sealed class TargetArguments
{
    private const int MaxName = 1_024;

    private readonly IReadOnlyList<SieveText>? _flags;
    private readonly bool _creates;
    private readonly SieveText? _mailboxId;
    private readonly SieveText? _specialUse;

    public TargetArguments(SieveArguments arguments)
    {
        _flags = arguments.ListTag("flags", "imap4flags");
        _creates = arguments.Flag("create", "mailbox");
        _mailboxId = arguments.TextTag("mailboxid", "mailboxid");
        _specialUse = arguments.TextTag("specialuse", "special-use");
        if (_specialUse?.Constant is { } use && !IsSpecialUse(use)) arguments.Error($"'{use}' is not a special use", "write for example \"\\\\Junk\"");
        if (_mailboxId is not null && _specialUse is not null) arguments.Error("':mailboxid' and ':specialuse' exclude each other");
        if (_mailboxId is not null || _specialUse is not null) arguments.Checker.Needs |= SieveNeeds.Mailboxes;
    }

    /// <summary>Reads <c>:fcc</c> and its tags (RFC 8580 §3); null without it.</summary>
    public static Func<SieveRun, SieveTarget>? ReadCopy(SieveArguments arguments)
    {
        var mailbox = arguments.TextTag("fcc", "fcc");
        if (mailbox is null) return null;
        var target = new TargetArguments(arguments);
        return run => target.Target(run, mailbox, flagsOfMessage: false);
    }

    /// <summary>The folder in a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="mailbox">Its name.</param>
    /// <param name="flagsOfMessage">Whether the flags that the script has set for the message are used if no others are given.</param>
    public SieveTarget Target(SieveRun run, SieveText mailbox, bool flagsOfMessage)
    {
        var name = Canonical(mailbox.Expand(run));
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl)) throw new SieveFaultException("the name of the folder is not valid");
        var use = _specialUse?.Expand(run);
        if (use is not null && !IsSpecialUse(use)) throw new SieveFaultException($"'{use}' is not a special use");
        return new SieveTarget(name, Flags(run, flagsOfMessage), _creates, _mailboxId?.Expand(run), use);
    }

    /// <summary>The flags of <c>:flags</c>, or those of the internal variable.</summary>
    public static IReadOnlyList<string> Flags(SieveRun run, IReadOnlyList<SieveText>? given) => SieveFlags.Read(given is null ? run.Flags : run.Expand(given));

    private IReadOnlyList<string>? Flags(SieveRun run, bool ofMessage) => _flags is null && !ofMessage ? null : Flags(run, _flags);

    private static bool IsSpecialUse(string text) => text.Length > 1 && text[0] == '\\' && text.Skip(1).All(char.IsAsciiLetter);

    /// <summary>INBOX is written in any case, also as the first level of a name (RFC 9051 §5.1).</summary>
    private static string Canonical(string name)
    {
        const string Inbox = "INBOX";
        var isInbox = name.StartsWith(Inbox, StringComparison.OrdinalIgnoreCase) && (name.Length == Inbox.Length || name[Inbox.Length] == '/');
        return isInbox ? Inbox + name[Inbox.Length..] : name;
    }
}
