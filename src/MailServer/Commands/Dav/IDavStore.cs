using MailServer.Common;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Import;
using MailServer.Web.Admin;

namespace MailServer.Commands.Dav;

/// <summary>Access of commands to calendars and contacts, through the running server or directly on the files. Errors are thrown as <see cref="CommandFailure"/>.</summary>
internal interface IDavStore : IDisposable
{
    Task<IReadOnlyList<CollectionDocument>> ListAsync(string account, CancellationToken cancel);

    Task ExportAsync(string account, string collection, Stream output, CancellationToken cancel);

    Task<DavImportDocument> ImportAsync(string account, string collection, IReadOnlyList<ImportEntry> batch, CancellationToken cancel);

    /// <summary>Grants access to another account; <see cref="CollectionAccess.None"/> revokes it. Returns false if the guest had this access already.</summary>
    Task<bool> ShareAsync(string account, string collection, string guest, CollectionAccess access, CancellationToken cancel);

    Task<string> LinkAsync(string account, string collection, CancellationToken cancel);

    Task UnlinkAsync(string account, string collection, CancellationToken cancel);
}
