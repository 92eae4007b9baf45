using MailServer.Domain.Accounts;
using MailServer.Domain.Health;

namespace MailServer.Storage.Directory;

/// <summary>The folder under an account's id belongs to another account: the directory was lost, replaced by an older copy, or is another server's.</summary>
public sealed class ForeignFolderException : IOException
{
    public ForeignFolderException() { }

    public ForeignFolderException(string message) : base(message) { }

    public ForeignFolderException(string message, Exception innerException) : base(message, innerException) { }

    public ForeignFolderException(string folder, FolderOwner owner, Account account)
        : base($"{folder} belongs to {owner?.Address} and not to {account?.Address}: it is not opened") =>
        Owner = owner;

    /// <summary>Whose folder it is.</summary>
    public FolderOwner? Owner { get; }

    /// <summary>The subject of the problem that an account has whose folder belongs to another.</summary>
    public static string SubjectOf(Account account) => $"mail folder of {account?.Address}";

    public NodeProblem Describe(Account account) => new(
        SubjectOf(account), Message, $"put the right mail.db back, or give the folder to its owner with 'mailserver user recover {Owner?.Address}'");
}
