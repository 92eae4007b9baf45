using MailServer.Common;
using MailServer.Domain.Collections;
using MailServer.Web.Admin;

namespace MailServer.Commands.Dav;

/// <summary>Calendars and contacts as commands see them: through the running server, or beside a stopped one. What cannot be done is a <see cref="CommandFailure"/>.</summary>
internal interface IDavStore : IDisposable
{
    Task<IReadOnlyList<CollectionDocument>> ListAsync(string account, CancellationToken cancel);

    Task ExportAsync(string account, string collection, Stream output, CancellationToken cancel);

    Task<ImportDocument> ImportAsync(string account, string collection, ReadOnlyMemory<byte> batch, CancellationToken cancel);

    /// <summary><see cref="CollectionAccess.None"/>: no longer.</summary>
    Task ShareAsync(string account, string collection, string guest, CollectionAccess access, CancellationToken cancel);

    Task<string> LinkAsync(string account, string collection, CancellationToken cancel);

    Task UnlinkAsync(string account, string collection, CancellationToken cancel);
}
