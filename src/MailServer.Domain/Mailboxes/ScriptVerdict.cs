namespace MailServer.Domain.Mailboxes;

/// <summary>What a script wants to do with a stored message. Nothing of it is done.</summary>
/// <param name="Uid">The message.</param>
/// <param name="From">Its author as text.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="Copies">Where it is to be stored; none if it is to be deleted, refused or only sent on.</param>
/// <param name="Mails">What is to be sent, as text.</param>
/// <param name="IsRefused">It is to be refused.</param>
/// <param name="Error">What went wrong; null if nothing did.</param>
public sealed record ScriptVerdict(
    Uid Uid, string From, string Subject, DateTimeOffset ReceivedAt, IReadOnlyList<ScriptPlacement> Copies, IReadOnlyList<string> Mails, bool IsRefused, string? Error)
{
    /// <summary>True if the script leaves the message as it is.</summary>
    public bool IsUnconcerned => !IsRefused && Error is null && Mails.Count == 0 && Copies is [{ Folder: null, Flags.Count: 0 }];
}

/// <summary>A copy that a script wants.</summary>
/// <param name="Folder">The folder, with the name that it has here if it exists; null: where the message is.</param>
/// <param name="Creates">The folder is to be created if it is missing.</param>
/// <param name="Flags">Flags and keywords.</param>
public sealed record ScriptPlacement(string? Folder, bool Creates, IReadOnlyList<string> Flags);
