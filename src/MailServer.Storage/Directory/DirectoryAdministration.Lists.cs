using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

// Mailing lists: a row for each list, and one for each member.
internal sealed partial class DirectoryAdministration
{
    public ValueTask<IReadOnlyList<EmailAddress>> AddListAsync(EmailAddress list, MailingListSettings settings, IReadOnlyList<EmailAddress> members, CancellationToken cancel) => ChangeAsync<IReadOnlyList<EmailAddress>>(connection =>
    {
        var domain = OwnDomainId(connection, list.Domain);
        if (!MailingList.IsAddress(list)) throw new DirectoryException(DirectoryRefusal.ListAddressInvalid, list.ToString());
        if (FindAccount(connection, list) is not null) throw new DirectoryException(DirectoryRefusal.AddressIsAccount, list.ToString());
        RefuseIfAliasOrList(connection, list);
        RefuseOwn(connection, list, settings.Owner);
        connection.Execute(
            """
            INSERT INTO lists (domain_id, address, address_key, owner, owner_key, name, posting, replies_to_list, created_at)
            VALUES (@domain, @address, @key, @owner, @owner_key, @name, @posting, @replies, @now)
            """,
            [.. Values(settings), ("@domain", domain), ("@address", list.ToString()), ("@key", list.Key), ("@now", Now())]);
        return AddMembers(connection, list, members);
    });

    public ValueTask<bool> SetListAsync(EmailAddress list, MailingListSettings settings, CancellationToken cancel) => ChangeAsync(connection =>
    {
        RequireList(connection, list);
        RefuseOwn(connection, list, settings.Owner);
        return connection.Execute(
            """
            UPDATE lists SET owner = @owner, owner_key = @owner_key, name = @name, posting = @posting, replies_to_list = @replies
            WHERE address_key = @key AND (owner <> @owner OR name <> @name OR posting <> @posting OR replies_to_list <> @replies)
            """,
            [.. Values(settings), ("@key", list.Key)]) > 0;
    });

    public ValueTask<bool> SetListEnabledAsync(EmailAddress list, bool enabled, CancellationToken cancel) => ChangeAsync(connection =>
    {
        RequireList(connection, list);
        return connection.Execute("UPDATE lists SET enabled = @enabled WHERE address_key = @key AND enabled <> @enabled", ("@enabled", enabled ? 1 : 0), ("@key", list.Key)) > 0;
    });

    public ValueTask<IReadOnlyList<EmailAddress>> AddListMembersAsync(EmailAddress list, IReadOnlyList<EmailAddress> members, CancellationToken cancel) =>
        ChangeAsync<IReadOnlyList<EmailAddress>>(connection => AddMembers(connection, list, members));

    public ValueTask RemoveListMemberAsync(EmailAddress list, EmailAddress member, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var id = RequireList(connection, list);
        if (connection.Execute("DELETE FROM list_members WHERE list_id = @list AND address_key = @key", ("@list", id), ("@key", member.Key)) == 0)
            throw new DirectoryException(DirectoryRefusal.ListMemberUnknown, list.ToString());
    });

    public ValueTask<IReadOnlyList<MailingList>> ListMailingListsAsync(string? domain, CancellationToken cancel) => ReadAsync(connection =>
    {
        (string, object) only = ("@name", domain ?? "");
        var members = connection.ReadAll(
            """
            SELECT lists.address_key, list_members.address FROM list_members JOIN lists ON lists.id = list_id JOIN domains ON domains.id = lists.domain_id
            WHERE domains.name = @name OR @name = '' ORDER BY list_members.id
            """,
            static row => (List: row.GetString(0), Member: EmailAddress.Parse(row.GetString(1))), only).ToLookup(static m => m.List, static m => m.Member, StringComparer.Ordinal);
        return connection.ReadAll(
            $"""
            SELECT {DirectoryRows.ListColumns} FROM lists JOIN domains ON domains.id = lists.domain_id
            WHERE domains.name = @name OR @name = '' ORDER BY domains.name, lists.address_key
            """,
            row => DirectoryRows.List(row) is var list ? list with { Members = [.. members[list.Address.Key]] } : list, only);
    }, cancel);

    public ValueTask RemoveListAsync(EmailAddress list, CancellationToken cancel) => ChangeAsync(connection =>
    {
        if (connection.Execute("DELETE FROM lists WHERE address_key = @key", ("@key", list.Key)) == 0) throw new DirectoryException(DirectoryRefusal.ListUnknown, list.ToString());
    });

    private static List<EmailAddress> AddMembers(DbConnection connection, EmailAddress list, IReadOnlyList<EmailAddress> members)
    {
        var id = RequireList(connection, list);
        var added = new List<EmailAddress>();
        foreach (var member in members)
        {
            RefuseOwn(connection, list, member);
            var rows = connection.Execute(
                "INSERT INTO list_members (list_id, address, address_key) VALUES (@list, @address, @key) ON CONFLICT DO NOTHING", ("@list", id), ("@address", member.ToString()), ("@key", member.Key));
            if (rows > 0) added.Add(member);
        }

        // The exception undoes the additions.
        if (connection.ReadScalar("SELECT count(*) FROM list_members WHERE list_id = @list", ("@list", id)) > MailingList.MostMembers) throw new DirectoryException(DirectoryRefusal.TooManyMembers, list.ToString());
        return added;
    }

    private static bool IsList(DbConnection connection, EmailAddress address) => connection.ReadScalar("SELECT 1 FROM lists WHERE address_key = @key", ("@key", address.Key)) != 0;

    private static long RequireList(DbConnection connection, EmailAddress list)
    {
        var id = connection.ReadScalar("SELECT id FROM lists WHERE address_key = @key", ("@key", list.Key));
        return id != 0 ? id : throw new DirectoryException(DirectoryRefusal.ListUnknown, list.ToString());
    }

    /// <summary>A list cannot be its own member or owner, neither by its address nor by that of its owner, nor under another name of its domain.</summary>
    private static void RefuseOwn(DbConnection connection, EmailAddress list, EmailAddress address)
    {
        var domain = connection.ReadAll("SELECT alias_of FROM domains WHERE name = @name AND alias_of IS NOT NULL", static row => row.GetString(0), ("@name", address.Domain)).FirstOrDefault() ?? address.Domain;
        if (domain != list.Domain || !EmailAddress.TryCreate(address.Local, domain, out var there)) return;
        if (there.WithoutTag().Equals(list) || (MailingList.TryFindServed(there, out var served) && served.Equals(list))) throw new DirectoryException(DirectoryRefusal.ListOfItself, list.ToString());
    }

    private static (string, object)[] Values(MailingListSettings settings) =>
    [
        ("@owner", settings.Owner.ToString()), ("@owner_key", settings.Owner.Key), ("@name", settings.Name), ("@posting", (int)settings.Posting), ("@replies", settings.RepliesToList ? 1 : 0),
    ];
}
