using System.Buffers.Text;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Network.Acme;

/// <summary>
/// dns-01 (RFC 8555 §8.4) by a program of the administrator: <c>HOOK present|cleanup NAME VALUE</c> makes and removes the TXT record, and
/// returns 0 when every name server of the zone has it.
/// </summary>
public sealed class DnsHookChallenges(string program) : IChallengeSolver
{
    private const int MaxWords = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public string Type => "dns-01";

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel) => RunAsync("present", answer, cancel);

    public async Task WithdrawAsync(ChallengeAnswer answer)
    {
        try
        {
            await RunAsync("cleanup", answer, CancellationToken.None);
        }
        catch (AcmeException)
        {
            // A record too many does no harm, and the outcome is decided already.
        }
    }

    private async Task RunAsync(string verb, ChallengeAnswer answer, CancellationToken cancel)
    {
        var value = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(answer.KeyAuthorization)));
        var start = new ProcessStartInfo(program, [verb, answer.DnsName, value]) { UseShellExecute = false, RedirectStandardError = true };
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(Patience);
        try
        {
            using var process = Process.Start(start) ?? throw new AcmeException(AcmeFailure.Challenge, $"{program} cannot be started");
            try
            {
                var words = await process.StandardError.ReadToEndAsync(late.Token);
                await process.WaitForExitAsync(late.Token);
                if (process.ExitCode != 0)
                    throw new AcmeException(AcmeFailure.Challenge, $"{program} {verb} ended with {process.ExitCode}: {words.Trim()[..Math.Min(words.Trim().Length, MaxWords)]}");
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            throw new AcmeException(AcmeFailure.Challenge, $"{program} cannot be started: {e.Message}", null, e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new AcmeException(AcmeFailure.Challenge, $"{program} {verb} took longer than {Patience.TotalMinutes:0} minutes", null, e);
        }
    }
}
