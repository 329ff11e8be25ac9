using Engine.Examples;

namespace Engine.Tests.Examples;

/// <summary>The page of <c>examples -- watch</c> in a browser.</summary>
[NonParallelizable]
public class WatchPageTests
{
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(20);

    private TemporaryFolder folder = null!;
    private WatchServer server = null!;

    [SetUp]
    public async Task Serve()
    {
        if (Browser.Program is null) Assert.Ignore("chromium: not installed here (Debian: apt-get install chromium); the page was not opened.");
        folder = new TemporaryFolder();
        server = await WatchServer.Start(folder.Path, 0);
    }

    [TearDown]
    public async Task End()
    {
        if (server is not null) await server.DisposeAsync();
        folder?.Dispose();
    }

    [Test]
    public async Task Page_DrawsARunOfAThousandPoints_AndWhatComesToIt()
    {
        SampleRun.Write(folder.Path, 1000);
        await using var browser = await Browser.Open(server.Address);
        await browser.Until($"{Points("loss", "raw")} === 1000");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((int)(await browser.Evaluate(Points("loss", "smooth")))!, Is.EqualTo(1000));
            Assert.That((int)(await browser.Evaluate(Points("learning_rate", "raw")))!, Is.EqualTo(1000));
            Assert.That((int)(await browser.Evaluate(Points("val_accuracy", "curve")))!, Is.EqualTo(10));
            Assert.That((string?)await browser.Evaluate("[...document.querySelectorAll('figcaption > span')].map(e => e.textContent).join('|')"),
                Is.EqualTo("Loss|Accuracy|Learning rate|Throughput, examples/s|Memory of the device"));
            Assert.That((string?)await browser.Evaluate("[...document.querySelector('.chart').querySelectorAll('.x-tick')].map(e => e.textContent).join(' ')"), Is.EqualTo("200 400 600 800 1000"));
            Assert.That((string?)await browser.Evaluate("[...document.querySelector('.chart').querySelectorAll('.y-tick')].map(e => e.textContent).join(' ')"), Is.EqualTo("0 0.5 1 1.5 2"));
            Assert.That((string?)await browser.Evaluate("document.querySelector('#runs tr').innerText"), Does.Contain("running").And.Contain("10 of 20 (100/100)").And.Contain("8 MiB of 16 MiB"));
            Assert.That((string?)await browser.Evaluate("document.querySelector('#model').innerText"), Does.Contain("1: Linear 128 -> 10").And.Contain("→ (32, 10) · 1,290 parameters"));
        });
        SampleRun.Append(folder.Path, 1001, 7);
        await browser.Until($"{Points("loss", "raw")} === 1007", Seconds);
        AssertClean(browser);
    }

    [Test]
    public async Task Page_ReadsValuesOff_AtTheKeysOfACursor_AndChangesScale()
    {
        SampleRun.Write(folder.Path, 1000);
        await using var browser = await Browser.Open(server.Address);
        await browser.Until($"{Points("loss", "raw")} === 1000");
        await browser.Evaluate("document.querySelector('.chart svg').focus()");
        await browser.Press("Home");
        await browser.Until("document.querySelector('.values').innerText.includes('loss: 2.294 at step 1')", Seconds);
        await browser.Press("ArrowRight");
        await browser.Until("/loss: 2\\.\\d+ at step 11/.test(document.querySelector('.values').innerText)", Seconds);
        await browser.Evaluate("document.querySelector('.chart input').click()");
        await browser.Until("document.querySelector('.chart .y-tick').textContent === '0.2' || document.querySelector('.chart .y-tick').textContent === '0.5'", Seconds);
        await browser.Evaluate("const s = document.getElementById('smoothing'); s.value = 0; s.dispatchEvent(new Event('input'))");
        await browser.Until("document.querySelectorAll('path.smooth').length === 0", Seconds);
        AssertClean(browser);
    }

    [Test]
    public async Task Page_Waits_ThenShowsSeveralRuns_AndCountsWhatItCannotRead()
    {
        await using var browser = await Browser.Open(server.Address, dark: true);
        await browser.Until("document.getElementById('notice')?.innerText.startsWith('Waiting for a run')");
        SampleRun.Write(folder.File("one"), 50);
        SampleRun.Write(folder.File("two"), 60);
        File.AppendAllText(Path.Combine(folder.File("two"), "log.jsonl"), "not JSON\n{\"kind\":\"step\",\"st");
        await browser.Until("document.querySelectorAll('path[data-name=loss].raw').length === 2", Seconds);
        Assert.That((int)(await browser.Evaluate("new Set([...document.querySelectorAll('path[data-name=loss].raw')].map(e => getComputedStyle(e).stroke)).size"))!, Is.EqualTo(2));
        Assert.That((string?)await browser.Evaluate("document.querySelector('tr[data-run=two] td:last-child').innerText"), Is.EqualTo("1"));
        SampleRun.Write(folder.File("two"), 40);                    // another run in its place
        await browser.Until($"{Points("loss", "raw", "two")} === 40", Seconds);
        await browser.Evaluate("document.querySelector('tr[data-run=one] input').click()");
        await browser.Until("document.querySelectorAll('path[data-name=loss].raw').length === 1", Seconds);
        AssertClean(browser);
    }

    [Test]
    public async Task Page_DrawsAHundredThousandPoints_ByTheLowestAndHighestOfEachColumn()
    {
        SampleRun.Write(folder.Path, 100_000);
        await using var browser = await Browser.Open(server.Address);
        await browser.Until("document.querySelector('#runs td:nth-child(4)')?.innerText === '100,000'");
        await browser.Until($"{Points("loss", "raw")} > 500", Seconds);
        int points = (int)(await browser.Evaluate(Points("loss", "raw")))!, width = (int)(await browser.Evaluate("document.querySelector('.chart svg').clientWidth"))!;
        Assert.That(points, Is.InRange(width / 2, 2 * width));
        const string Redraw = "new Promise(done => { const s = document.getElementById('smoothing'), t = performance.now(); s.value = 1.6 - s.value; s.dispatchEvent(new Event('input')); requestAnimationFrame(() => setTimeout(() => done(performance.now() - t))); })";
        await browser.Evaluate(Redraw);
        double milliseconds = (double)(await browser.Evaluate(Redraw))!;
        TestContext.Out.WriteLine($"100,000 points: {points} in the path; smoothed and drawn anew in {milliseconds:0} ms");
        AssertClean(browser);
    }

    private void AssertClean(Browser browser)
    {
        Assert.That(browser.Errors, Is.Empty);
        Assert.That(browser.Requests.Where(request => !request.StartsWith("data:", StringComparison.Ordinal) && new Uri(request).Authority != server.Address.Authority), Is.Empty);
        Assert.That(browser.Requests, Is.Not.Empty);
    }

    /// <summary>The points of a curve's path.</summary>
    private static string Points(string name, string kind, string run = ".")
        => $"(document.querySelector('path[data-run=\"{run}\"][data-name=\"{name}\"].{kind}')?.getAttribute('d').match(/[ML]/g).length ?? 0)";
}
