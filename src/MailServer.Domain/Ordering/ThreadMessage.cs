namespace MailServer.Domain.Ordering;

/// <summary>The properties of a message that decide on its thread.</summary>
/// <param name="Sent">Its sent date in seconds (RFC 5256 §2.2).</param>
/// <param name="Subject">Its base subject, folded to one case (RFC 5256 §2.1).</param>
/// <param name="IsReply">Whether its subject marks it as a reply or forward.</param>
/// <param name="Id">A number for its Message-ID; negative if it has none. Equal ids have equal numbers.</param>
/// <param name="References">The numbers of the ids to which it refers, its parent last.</param>
public readonly record struct ThreadMessage(long Sent, string Subject, bool IsReply = false, int Id = -1, ReadOnlyMemory<int> References = default);
