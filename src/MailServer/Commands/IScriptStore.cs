using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Access of commands to the scripts of accounts, through the running server or directly on the files. Errors are thrown as <see cref="CommandFailure"/>.</summary>
internal interface IScriptStore : IDisposable
{
    Task<ScriptListDocument> ListAsync(string account, CancellationToken cancel);

    Task<byte[]> ReadAsync(string account, string name, CancellationToken cancel);

    Task PutAsync(string account, string name, byte[] text, CancellationToken cancel);

    Task DeleteAsync(string account, string name, CancellationToken cancel);

    Task RenameAsync(string account, string name, string newName, CancellationToken cancel);

    /// <summary>Makes a script the active one; null: none. Returns false if it was so already.</summary>
    Task<bool> ActivateAsync(string account, string? name, CancellationToken cancel);

    Task<ScriptTestDocument> TestAsync(string account, string? name, byte[] message, string from, string to, CancellationToken cancel);
}
