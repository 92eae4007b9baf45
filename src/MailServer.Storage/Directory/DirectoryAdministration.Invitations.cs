using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

// Invitations: at most one for each account.
internal sealed partial class DirectoryAdministration
{
    private const string Invitations = "SELECT accounts.address, invitations.created_at, expires_at, used_at FROM invitations JOIN accounts ON accounts.id = account_id";

    public ValueTask<Invitation> AddInvitationAsync(EmailAddress address, NewInvitation invitation, CancellationToken cancel) => ChangeAsync(connection =>
    {
        Invite(connection, RequireUser(connection, address).Id, invitation);
        return FindInvitation(connection, invitation.Digest)!;
    });

    public ValueTask<IReadOnlyList<Invitation>> ListInvitationsAsync(CancellationToken cancel) =>
        ReadAsync(static connection => connection.ReadAll(Invitations + " ORDER BY invitations.created_at DESC, account_id DESC", ReadInvitation), cancel);

    public ValueTask<Invitation?> FindInvitationAsync(byte[] digest, CancellationToken cancel) => database.ReadAsync(connection => FindInvitation(connection, digest), cancel);

    public ValueTask<bool> UseInvitationAsync(byte[] digest, StoredPassword password, CancellationToken cancel) => ChangeAsync(connection =>
    {
        if (FindInvitation(connection, digest) is not { } invitation || invitation.HasEndedAt(time.GetUtcNow())) return false;
        if (!RequireAccount(connection, invitation.Address).Enabled) return false;
        connection.Execute("UPDATE invitations SET used_at = @now WHERE digest = @digest", ("@now", Now()), ("@digest", digest));
        Save(connection, RequireUser(connection, invitation.Address).Id, password);
        return true;
    });

    public ValueTask RemoveInvitationAsync(EmailAddress address, CancellationToken cancel) => ChangeAsync(connection =>
    {
        if (connection.Execute("DELETE FROM invitations WHERE account_id = @account", ("@account", RequireAccount(connection, address).Id.Value)) == 0)
            throw new DirectoryException(DirectoryRefusal.InvitationUnknown, address.ToString());
    });

    private void Invite(DbConnection connection, AccountId account, NewInvitation invitation) => connection.Execute(
        """
        INSERT INTO invitations (account_id, digest, created_at, expires_at) VALUES (@account, @digest, @now, @expires)
        ON CONFLICT (account_id) DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = NULL
        """,
        ("@account", account.Value), ("@digest", invitation.Digest), ("@now", Now()), ("@expires", invitation.ExpiresAt.ToUnixTimeSeconds()));

    private static Invitation? FindInvitation(DbConnection connection, byte[] digest) =>
        connection.ReadAll(Invitations + " WHERE digest = @digest", ReadInvitation, ("@digest", digest)).FirstOrDefault();

    private static Invitation ReadInvitation(DbDataReader row) => new(
        EmailAddress.Parse(row.GetString(0)), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(1)), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(2)),
        row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)));
}
