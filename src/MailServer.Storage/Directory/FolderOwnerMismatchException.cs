using MailServer.Domain.Accounts;
using MailServer.Domain.Health;

namespace MailServer.Storage.Directory;

/// <summary>The folder of an account's id belongs to another account: the directory was lost, replaced by an older copy, or belongs to another server.</summary>
public sealed class FolderOwnerMismatchException : IOException
{
    public FolderOwnerMismatchException() { }

    public FolderOwnerMismatchException(string message) : base(message) { }

    public FolderOwnerMismatchException(string message, Exception innerException) : base(message, innerException) { }

    public FolderOwnerMismatchException(string folder, FolderOwner owner, Account account)
        : base($"{folder} belongs to {owner?.Address}, not to {account?.Address}, and was not opened") =>
        Owner = owner;

    /// <summary>The owner of the folder.</summary>
    public FolderOwner? Owner { get; }

    /// <summary>The subject of the node problem for an account whose folder belongs to another account.</summary>
    public static string SubjectOf(Account account) => $"mail folder of {account?.Address}";

    public NodeProblem Describe(Account account) => new(
        SubjectOf(account), Message, $"restore the correct mail.db, or assign the folder to its owner with 'mailserver user recover {Owner?.Address}'");
}
