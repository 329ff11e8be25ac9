using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class ReadmeTests
{
    [Test]
    public void Program_LearnsTheExclusiveOr()
        => Assert.That(ReadmeProgram.Run().ToArray<int>(), Is.EqualTo(new[] { 0, 1, 1, 0 }));

    [Test]
    public void TrainingProgram_TrainsSavesAndStops()
    {
        using var folder = new TemporaryFolder();
        var rng = new Rng(1);
        var images = DrawnDigits.Draw(200, rng);
        var (x, y) = images.Batch([.. Enumerable.Range(0, images.Count)], Device.Cpu);
        var model = new Sequential { new Conv2d(1, 4, kernelSize: 3, rng, stride: 2, activation: Activation.Relu), new Flatten(), new Linear(4 * 13 * 13, 10, rng) };
        var history = ReadmeProgram.Train(model, x, y, folder.Path, CancellationToken.None);
        Assert.That(history[^1].Find("val_loss"), Is.LessThan(history[0].Find("val_loss")!.Value));
        Assert.That(File.Exists(Path.Combine(folder.Path, "log.jsonl")));
        Assert.That(Directory.GetDirectories(Path.Combine(folder.Path, "checkpoints")), Is.Not.Empty);
    }

    [Test]
    public void Programs_AreThoseCompiledHere()
    {
        string root = Root();
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        string[] program = [.. readme.Split("```csharp\n")[1..].SelectMany(part => part[..part.IndexOf("```", StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        string[] compiled = [.. File.ReadAllLines(Path.Combine(root, "Engine.Tests", "ReadmeProgram.cs")).Select(line => line.Trim())];
        var missing = program.Where(line => !line.StartsWith("Console.", StringComparison.Ordinal) && !compiled.Contains(line.Trim()));
        Assert.That(missing, Is.Empty, "Lines of the README's programs that ReadmeProgram.cs lacks");
        Assert.That(program, Has.Length.GreaterThan(10));
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Engine.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("Engine.sln is in no folder above the tests.");
    }
}
