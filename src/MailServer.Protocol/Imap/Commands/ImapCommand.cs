using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>One command of a client. Each command has its own file with its parser (<c>Read</c>) and its execution (<see cref="Run"/>).</summary>
internal abstract record ImapCommand
{
    public string Tag { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The literal of a message whose octets have not been read yet; null for commands without a message.</summary>
    public virtual LiteralHeader? Literal => null;

    /// <summary>Whether EXPUNGE responses may precede the tagged response. Not allowed when the command uses sequence numbers (RFC 3501 §7.4.1).</summary>
    public virtual bool AllowsExpunge => true;

    /// <summary>Whether the client changes the messages of a folder. What follows from its own command it is told even if NOTIFY excludes it.</summary>
    public virtual bool ChangesFolder => false;

    /// <summary>
    /// Executes the command: writes untagged responses, yields effects, reads their answers from the session, and sets the session's result at the
    /// end. Resources must be released in <c>finally</c>, because the connection may end at any effect.
    /// </summary>
    public abstract IEnumerable<ImapEffect> Run(ImapSession session);
}
