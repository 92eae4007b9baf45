namespace MailServer.Storage.Directory;

/// <summary>Queries of the directory in SQL that SQLite and PostgreSQL share.</summary>
internal static class DirectorySql
{
    public const string Domain = "SELECT name, enabled, mta_sts, alias_of FROM domains WHERE name = @name";

    public const string AccountByKey = $"SELECT {DirectoryRows.AccountColumns} FROM accounts WHERE address_key = @key";

    public const string AccountById = $"SELECT {DirectoryRows.AccountColumns} FROM accounts WHERE id = @id";

    public const string Login =
        $"SELECT {DirectoryRows.AccountColumns}, {DirectoryRows.CredentialColumns} FROM accounts JOIN credentials ON account_id = id WHERE address_key = @key AND is_shared = 0";

    public const string AppPasswords = $"SELECT {DirectoryRows.AppPasswordColumns} FROM app_passwords WHERE account_id = @id ORDER BY id";

    public const string AliasTargets = "SELECT target, enabled FROM aliases WHERE address_key = @key ORDER BY id";

    public const string AliasesOf = "SELECT address FROM aliases WHERE target_key = @key AND enabled = 1 AND is_pattern = 0 ORDER BY id";

    public const string Patterns = "SELECT DISTINCT address FROM aliases JOIN domains ON domains.id = domain_id WHERE name = @name AND is_pattern = 1 ORDER BY address";

    public const string OtherNames = "SELECT name FROM domains WHERE alias_of = @name AND enabled = 1 ORDER BY name";

    public const string List = $"SELECT {DirectoryRows.ListColumns} FROM lists WHERE address_key = @key";

    public const string ListMembers = "SELECT list_members.address FROM list_members JOIN lists ON lists.id = list_id WHERE lists.address_key = @key ORDER BY list_members.id";

    /// <summary>Guest 0 is everybody.</summary>
    public const string Sharers =
        $"SELECT {DirectoryRows.AccountColumns} FROM accounts WHERE id IN (SELECT owner_id FROM shares WHERE guest_id = @id OR guest_id = 0) AND id <> @id ORDER BY address_key";

    public const string AddShare = "INSERT INTO shares (owner_id, guest_id) VALUES (@owner, @guest) ON CONFLICT DO NOTHING";

    public const string FirstAccount =
        $"SELECT {DirectoryRows.AccountColumns} FROM accounts JOIN domains ON domains.id = domain_id WHERE name = @name AND accounts.enabled = 1 AND is_shared = 0 ORDER BY accounts.id LIMIT 1";
}
