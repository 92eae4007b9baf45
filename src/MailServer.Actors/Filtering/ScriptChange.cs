using MailServer.Domain.Mailboxes;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Filtering;

/// <summary>A change of an account's scripts in the audit log.</summary>
/// <param name="Kind">The kind of event.</param>
/// <param name="Detail">The script.</param>
internal sealed record ScriptChange(string Kind, string Detail)
{
    /// <summary>The change that a request makes; null if it makes none.</summary>
    public static ScriptChange? Of(MailboxRequest request) => request switch
    {
        MailboxRequest.PutScript put => new("sieve.stored", $"{put.Name} ({ScriptFolder.VersionOf(put.Text.Span)})"),
        MailboxRequest.DeleteScript delete => new("sieve.deleted", delete.Name),
        MailboxRequest.RenameScript rename => new("sieve.renamed", $"{rename.From} to {rename.To}"),
        MailboxRequest.ActivateScript { Name: null } => new("sieve.deactivated", ""),
        MailboxRequest.ActivateScript activate => new("sieve.activated", activate.Name),
        _ => null,
    };
}
