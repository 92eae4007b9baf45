using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Timing;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Pages;

/// <summary>
/// The results of recently posted forms, in memory. A form that is posted again unchanged, by a double click or a reload, gets the result of the first post and has no
/// second effect; while the first one runs, the second waits for it. Rejected forms have no effect and are not remembered. Thread-safe.
/// </summary>
public sealed class FormOutcomes(int most, TimeSpan keep, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Outcome> _outcomes = new(StringComparer.Ordinal);

    /// <summary>Identifies a posted form by its path and content, which includes its unique token. A changed form is another one.</summary>
    public static string KeyOf(string path, IFormCollection form)
    {
        ArgumentNullException.ThrowIfNull(form);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            var octets = Encoding.UTF8.GetBytes(text);
            digest.AppendData(BitConverter.GetBytes(octets.Length));
            digest.AppendData(octets);
        }

        Add(path);
        foreach (var (name, values) in form.OrderBy(static f => f.Key, StringComparer.Ordinal))
        {
            Add(name);
            foreach (var value in values) Add(value ?? "");
        }

        foreach (var file in form.Files)
        {
            Add(file.Name);
            using var content = file.OpenReadStream();
            digest.AppendData(SHA256.HashData(content));
        }

        return Convert.ToHexString(digest.GetHashAndReset());
    }

    /// <summary>Runs an action, or returns the result that it had when it ran for the same key.</summary>
    public Task<PageResult> RunOnceAsync(string key, Func<Task<PageResult>> action)
    {
        var mine = new TaskCompletionSource<PageResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            DropOld();
            if (_outcomes.TryGetValue(key, out var earlier)) return earlier.Result;
            if (_outcomes.Count >= most) _outcomes.Remove(_outcomes.MinBy(static o => o.Value.At).Key);
            _outcomes.Add(key, new Outcome(mine.Task, time.GetUtcNow()));
        }

        return RunAsync(key, action, mine);
    }

    /// <summary>Removes results that are too old, which may contain secrets.</summary>
    public void Expire()
    {
        lock (_lock) DropOld();
    }

    private async Task<PageResult> RunAsync(string key, Func<Task<PageResult>> action, TaskCompletionSource<PageResult> mine)
    {
        try
        {
            var result = await action();
            mine.SetResult(result);
            return result;
        }
        catch (Exception e)
        {
            lock (_lock) _outcomes.Remove(key);
            mine.SetException(e);
            // Usually nobody waits for it, and it is thrown here.
            _ = mine.Task.Exception;
            throw;
        }
    }

    private void DropOld()
    {
        var now = time.GetUtcNow();
        foreach (var (old, _) in _outcomes.Where(o => o.Value.Result.IsCompleted && StoredTime.IsOlder(o.Value.At, now, keep)).ToList()) _outcomes.Remove(old);
    }

    private sealed record Outcome(Task<PageResult> Result, DateTimeOffset At);
}
