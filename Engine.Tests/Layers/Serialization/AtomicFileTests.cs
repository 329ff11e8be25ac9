using System.Diagnostics;
using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class AtomicFileTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    /// <summary>A disk that is full after some bytes.</summary>
    private sealed class FullDisk(string path, long room) : FileStream(path, FileMode.CreateNew, FileAccess.Write)
    {
        public override void Write(byte[] array, int offset, int count)
        {
            if (Position + count > room) throw new IOException("No space left on device");
            base.Write(array, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);
    }

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(3000)]
    public void Write_WhereTheDiskIsFull_LeavesTheOldFileAndNothingElse(int room)
    {
        string path = folder.Write("weights", [1, 2, 3]);
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            for (int i = 0; i < 10; i++) stream.Write(new byte[1000]);
        }, temporary => new FullDisk(temporary, room)));
        Assert.That(error!.Message, Does.Contain(path).And.Contain("unchanged").And.Contain("No space"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Write_WhoseWriterThrows_LeavesTheOldFileAndItsError()
    {
        string path = folder.Write("weights", [1, 2, 3]);
        Assert.That(() => AtomicFile.Write(path, _ => throw new FormatException("mine")), Throws.TypeOf<FormatException>());
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { path }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Write_OverALink_ReplacesWhatItLeadsTo_OrTheLink(bool replaceLink)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows: links need a right of their own.");
        string target = folder.Write("target", [1]), link = folder.File("link");
        File.CreateSymbolicLink(link, target);
        AtomicFile.Write(link, stream => stream.WriteByte(2), replaceLink);
        Assert.That(File.ReadAllBytes(link), Is.EqualTo(new byte[] { 2 }));
        Assert.That(File.ReadAllBytes(target), Is.EqualTo(new byte[] { (byte)(replaceLink ? 1 : 2) }));
        Assert.That(new FileInfo(link).LinkTarget, Is.EqualTo(replaceLink ? null : target));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(2));
    }

    [Test]
    public void Save_OnADiskOf64KiB_FailsWholeAndThenFits()
    {
        string disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk))
            Assert.Ignore("tmpfs: a small disk cannot be mounted here; the full disk was only pretended.");
        try
        {
            string path = Path.Combine(disk, "weights");
            Safetensors.Save(path, [new("small", Tensor.From(new float[1000], [1000]))]);
            byte[] before = File.ReadAllBytes(path);
            Assert.That(() => Safetensors.Save(path, [new("large", Tensor.From(new float[100_000], [100_000]))]),
                Throws.TypeOf<IOException>().With.Message.Contains("unchanged"));
            Assert.That(File.ReadAllBytes(path), Is.EqualTo(before));
            Assert.That(Directory.GetFiles(disk), Is.EqualTo(new[] { path }));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
