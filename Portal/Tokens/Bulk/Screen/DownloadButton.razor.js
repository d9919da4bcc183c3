// Saves a file whose content arrives over the circuit. Only the download itself keeps it: there is no address, and nothing is stored.
const release = 60000;

export async function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([await content.arrayBuffer()], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name, hidden: true });
  // Within the dialog, because the page behind it doesn't react.
  (document.querySelector('.mud-dialog') ?? document.body).append(link);
  link.click();
  link.remove();
  // Some browsers read it only after they have asked where to save the file.
  setTimeout(() => URL.revokeObjectURL(url), release);
}
