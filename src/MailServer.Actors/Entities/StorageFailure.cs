using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>Failures of the disk or a database: the request is refused temporarily and the actor continues.</summary>
internal static class StorageFailure
{
    public static bool Is(Exception e) =>
        e is IOException or UnauthorizedAccessException or System.Data.Common.DbException or InvalidDataException or DirectoryException;
}
