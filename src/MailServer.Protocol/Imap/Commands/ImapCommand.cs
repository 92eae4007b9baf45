namespace MailServer.Protocol.Imap.Commands;

/// <summary>One command of a client. Each stands in a file of its own with its grammar (<c>Read</c>) and its meaning (<see cref="Run"/>).</summary>
internal abstract record ImapCommand
{
    public string Tag { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Whether EXPUNGE may be told with its answer: not where the client has named sequence numbers (RFC 3501 §7.4.1).</summary>
    public virtual bool MayTellExpunged => true;

    /// <summary>
    /// Does it: writes untagged responses, hands out effects, reads their answers from the session when it goes on, and at its
    /// end gives the session the result. What it holds it lets go in <c>finally</c>: a connection may end at any effect.
    /// </summary>
    public abstract IEnumerable<ImapEffect> Run(ImapSession session);
}
